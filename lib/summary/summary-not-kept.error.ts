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

/** Names of hooks are taken for those of their summaries, and plurals for singulars. */
function meantBy(dimension: string, kept: readonly string[]): string | undefined {
  for (const [name, hook] of STANDARD) if (hook === dimension) return name;
  return nearestName(dimension, kept) ?? nearestName(dimension, [...STANDARD.keys()]);
}
