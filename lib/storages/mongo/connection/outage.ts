const NAMES = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoPoolClosedError',
  'MongoTopologyClosedError',
  'MongoNotConnectedError',
  'MongoWriteConcernError',
  'MongooseServerSelectionError',
]);
// Not a primary any more, or shutting down.
const CODES = new Set([91, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436]);

/**
 * The error, marked as one of the way to the server where it is one: no record is to blame then,
 * and delivery searches for none.
 */
export function withOutageMarked(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, code } = error as Error & { code?: unknown };
  if (!NAMES.has(name) && !(typeof code === 'number' && CODES.has(code))) return error;
  const marked = new Error(error.message, { cause: error });
  return Object.assign(marked, { name, code: 'ECONNABORTED' });
}
