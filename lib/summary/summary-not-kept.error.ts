const STANDARD: ReadonlyMap<string, string> = new Map([
  ['url', 'sumUrls'],
  ['remote', 'sumRemotes'],
  ['userAgent', 'sumUserAgents'],
  ['language', 'sumLanguages'],
  ['server', 'sumServer'],
  ['visitor', 'sumVisitors'],
  ['geo', 'sumGeo'],
  ['route', 'sumRoutes'],
  ['status', 'sumStatuses'],
]);

/**
 * `getSum` was asked for a dimension that no hook of the storage keeps.
 *
 * @publicApi
 */
export class SummaryNotKeptError extends Error {
  override readonly name = 'SummaryNotKeptError';

  /**
   * @param dimension What was asked for.
   * @param kept The dimensions that the storage keeps.
   * @param storage The storage's name.
   */
  constructor(
    readonly dimension: string,
    readonly kept: readonly string[],
    readonly storage?: string,
  ) {
    const keeper = storage === undefined ? 'The storage' : `Storage '${storage}'`;
    const known = kept.length ? `only ${kept.map((name) => `'${name}'`).join(', ')}` : 'no summary';
    super(
      `${keeper} keeps no summary '${dimension}' (it keeps ${known}). ` +
        `Add its hook to the storage: hooks: [${hookFor(dimension)}].`,
    );
  }
}

function hookFor(dimension: string): string {
  return STANDARD.get(dimension) ?? `summary('${dimension}', (record) => …)`;
}
