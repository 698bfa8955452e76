import { TimeZoneChangedError } from '../../recount/time-zones/time-zone-changed.error.js';
import { StorageUnavailableError } from '../../storage-unavailable.error.js';
import { refusalsOf } from './write-failure.js';

const NAMES = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoPoolClosedError',
  'MongoTopologyClosedError',
  'MongoNotConnectedError',
  'MongoOperationTimeoutError',
  'MongoWriteConcernError',
]);
// By what the server calls them: not allowed, time-outs, conflicts, the loss of a primary, a full
// disk.
const CODES = new Set([
  13, 18, 24, 50, 64, 79, 91, 100, 112, 189, 262, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436,
  14_031,
]);

/** The error as one that no record is to blame for, where it is one. */
export function withOutageMarked(storage: string, error: unknown): unknown {
  if (!(error instanceof Error) || !isOutage(error)) return error;
  return new StorageUnavailableError(`Storage '${storage}': ${error.message}`, { cause: error });
}

function isOutage(error: Error): boolean {
  // With a lazy connection it is found at the first batch, which has to wait for another start.
  if (error instanceof TimeZoneChangedError) return true;
  const { name, code } = error as Error & { code?: unknown };
  if (name === 'MongoBulkWriteError') return refusalsOf(error) === null;
  return NAMES.has(name) || (typeof code === 'number' && CODES.has(code));
}
