import { nearestName } from '../support/nearest-name.js';

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
  ['consumer', 'sumConsumers'],
  ['client', 'sumClients'],
  ['release', 'sumReleases'],
  ['blueprint', 'sumBlueprints'],
]);

/**
 * `getSum` was called for a dimension that the storage has no summary hook for.
 *
 * @publicApi
 */
export class SummaryNotKeptError extends Error {
  override readonly name = 'SummaryNotKeptError';

  /**
   * @param dimension The dimension that was requested.
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
      `${keeper} keeps no summary '${dimension}' (it keeps ${known}). ${adviceOn(dimension, kept)}`,
    );
  }
}

function adviceOn(dimension: string, kept: readonly string[]): string {
  const meant = STANDARD.has(dimension) ? dimension : meantBy(dimension, kept);
  if (meant === undefined) return add(`summary('${dimension}', (record) => …)`);
  const question = meant === dimension ? '' : `Did you mean getSum('${meant}')? `;
  if (kept.includes(meant)) return question.trimEnd();
  return question + add(STANDARD.get(meant) ?? meant);
}

function add(hook: string): string {
  return `Add its hook to the storage: hooks: [${hook}].`;
}

/** The dimension that the caller probably meant: that of a hook's name, or the nearest name. */
function meantBy(dimension: string, kept: readonly string[]): string | undefined {
  for (const [name, hook] of STANDARD) if (hook === dimension) return name;
  return nearestName(dimension, kept) ?? nearestName(dimension, [...STANDARD.keys()]);
}
