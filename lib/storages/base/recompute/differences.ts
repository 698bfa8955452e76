import {
  agrees,
  encodeLatency,
  RECORD_COUNT,
  toUsageSum,
  type SummaryIncrement,
  nameOfRow,
} from '../../../summary/index.js';
import type { SummaryDifference } from '../../contract/maintenance.js';

/**
 * Compares stored rows with the expected ones. A measure that a row lacks is not a difference, and
 * neither are records that the count of all records lacks: version 0.1.0 does not keep it, and
 * processes in another time zone do not.
 */
export function differences(
  stored: readonly SummaryIncrement[],
  expected: readonly SummaryIncrement[],
): SummaryDifference[] {
  const rest = new Map(expected.map((row) => [nameOfRow(row), row]));
  const found: SummaryDifference[] = [];
  for (const row of stored) {
    const wanted = rest.get(nameOfRow(row));
    rest.delete(nameOfRow(row));
    if (isLack(row, wanted)) continue;
    if (!wanted || !isSame(row, wanted)) found.push(difference(row, wanted));
  }
  for (const row of rest.values())
    if (row.dimension !== RECORD_COUNT) found.push(difference(undefined, row));
  return found;
}

function difference(stored?: SummaryIncrement, expected?: SummaryIncrement): SummaryDifference {
  const { dimension, period, bucket, key } = (stored ?? expected)!;
  return {
    dimension,
    period,
    date: new Date(bucket),
    key,
    stored: stored ? toUsageSum(stored) : null,
    expected: expected ? toUsageSum(expected) : null,
  };
}

function isLack(stored: SummaryIncrement, wanted: SummaryIncrement | undefined): boolean {
  return stored.dimension === RECORD_COUNT && stored.hits <= (wanted?.hits ?? Infinity);
}

function isSame(a: SummaryIncrement, b: SummaryIncrement): boolean {
  return agrees(a, b) && encodeLatency(a.latency) === encodeLatency(b.latency);
}
