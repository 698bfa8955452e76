import { addLatency } from './latency-counts.js';
import {
  MEASURES,
  noCounts,
  readCounts,
  measureValues,
  type Measures,
  type MutableCounts,
  type SummaryCounts,
} from './measures.js';
import type { UsageCounts } from './usage-sum.js';

type Shared = Pick<Measures, 'hits' | 'measured'>;

/** Whether the measures of format 2 are known for all requests of a row. */
export function isMeasured({ hits, measured }: Shared): boolean {
  return hits === measured;
}

/** A copy of a row in which only the measures of format 1 are known. */
export function unmeasured<C extends Measures>(counts: C): C {
  const { measured, refused, aborted, firstSeen, lastSeen } = noCounts();
  return { ...counts, measured, refused, aborted, firstSeen, lastSeen };
}

/** Whether two rows have equal measures. Those of format 2 are compared only if both know them. */
export function agrees(a: Measures, b: Measures): boolean {
  const known = isMeasured(a) && isMeasured(b);
  return MEASURES.every(({ name, since }) => (since > 1 && !known) || a[name] === b[name]);
}

/** Whether two rows have equal measures, and both know or both lack those of format 2. */
export function isSameMeasures(a: Measures, b: Measures): boolean {
  return isMeasured(a) === isMeasured(b) && agrees(a, b);
}

/** Subtracts the counts of `b` from those of `a`. The first and the last instant of `a` stay. */
export function minusCounts(a: SummaryCounts, b: SummaryCounts): MutableCounts {
  const rest = readCounts(measureValues(a), new Map(a.latency));
  for (const { name, merge } of MEASURES) if (merge === 'add') rest[name] -= b[name];
  addLatency(rest.latency, new Map([...b.latency].map(([slot, count]) => [slot, -count])));
  for (const [slot, count] of rest.latency) if (count === 0) rest.latency.delete(slot);
  return rest;
}

/** Writes the reported measures of a row to `into`. A measure that is not known is null. */
export function reportMeasures<Row extends object>(
  row: Measures,
  into: Row,
): asserts into is Row & UsageCounts {
  const isKnown = isMeasured(row);
  const reported = into as Record<string, number | Date | null>;
  for (const { name, since, unit } of REPORTED) {
    if (since > 1 && !(isKnown && Number.isFinite(row[name]))) reported[name] = null;
    else if (unit === 'instant') reported[name] = new Date(row[name]);
    else reported[name] = unit === 'microseconds' ? row[name] / 1e6 : row[name];
  }
}

const REPORTED = MEASURES.filter((measure) => !('isHidden' in measure));
