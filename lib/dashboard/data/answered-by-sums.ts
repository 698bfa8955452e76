import type { ReportQuery } from '../../storages/contract/usage-report.js';

/** The dimension whose values a metric counts. */
const COUNTED: Readonly<Record<string, string>> = {
  consumers: 'consumer',
  users: 'username',
  visitors: 'visitor',
  remotes: 'remote',
  routes: 'route',
};
/** The dimensions whose summary has another name. */
const SUMMARIES: Readonly<Record<string, string>> = { country: 'geo' };

/**
 * Whether sums are likely to answer a report, and so quickly. What they lack, such as the time before
 * a summary was kept, is not known here: the storage counts it from records all the same.
 *
 * @param summaries Names of the summaries that the storage keeps; `consumer:route` tells both.
 */
export function isAnsweredBySums(
  { dimensions = [], metrics = ['hits'], where = {}, interval }: ReportQuery,
  summaries: readonly string[],
): boolean {
  if (summaries.length === 0 || interval === 'minute') return false;
  // Keys may be cut, so that what they contain cannot be told.
  if (Object.values(where).some((test) => Object(test) === test && 'contains' in Object(test)))
    return false;
  const told = [[], ...summaries.map((name) => name.split(':'))];
  const needed = [...dimensions, ...Object.keys(where)];
  const isTold = (more: readonly string[]) =>
    told.some((names) =>
      [...needed, ...more].every((name) => names.includes(SUMMARIES[name] ?? name)),
    );
  const counted = metrics.flatMap((metric) => COUNTED[metric] ?? []);
  const isMeasured = metrics.some((metric) => !(metric in COUNTED));
  return (!isMeasured || isTold([])) && counted.every((name) => isTold([name]));
}
