import type {
  BucketCalendar,
  BucketSpan,
  DimensionValue,
  MeasureName,
  MutableMeasures,
  ReportDimension,
} from '../../../summary/index.js';
import type { ReportInterval } from '../../contract/usage-report.js';
import type { ParsedFilter } from '../parse-usage-query.js';

/** What a database is to add up. */
export interface AggregateQuery {
  readonly filter: ParsedFilter;
  /** The dimensions to group by. */
  readonly dimensions: readonly ReportDimension[];
  /** The buckets to group by as well. Empty: all requests are in one. */
  readonly buckets: readonly BucketRun[];
  /** The measures to add up; the others may be 0. Empty: only the groups are wanted. */
  readonly measures: ReadonlySet<MeasureName>;
  /** Whether to group by latency slot as well. */
  readonly withLatency: boolean;
}

/** What a database has added up of records that are alike. */
export interface RecordAggregate {
  readonly values: readonly DimensionValue[];
  /** Any date of the records. They are all in one bucket. */
  readonly instant: number;
  /** Records with a weight that is no whole number are not counted in it. */
  readonly counts: MutableMeasures;
  /** Their latency slot; null without latency. */
  readonly slot: number | null;
  /** Whether some of the records have a weight that is no whole number. */
  readonly hasFractions: boolean;
}

/**
 * Reads what a database has added up. A report reads thousands of them.
 *
 * @param row The measures by name, `slot` and `fractions`. What was not asked for is absent.
 * @param instant Any date of the records, if the row does not say `firstSeen`.
 */
export function readAggregate(
  values: readonly DimensionValue[],
  row: Readonly<Record<string, unknown>>,
  instant: number | null = null,
): RecordAggregate {
  const hits = Number(row['hits'] ?? 0);
  const firstSeen = Number(instant ?? row['firstSeen']);
  const { lastSeen, slot, fractions } = row;
  return {
    values,
    instant: firstSeen,
    counts: {
      hits,
      transfer: Number(row['transfer'] ?? 0),
      errors: Number(row['errors'] ?? 0),
      duration: Number(row['duration'] ?? 0),
      measured: hits,
      refused: Number(row['refused'] ?? 0),
      aborted: Number(row['aborted'] ?? 0),
      firstSeen,
      lastSeen: lastSeen == null ? -Infinity : Number(lastSeen),
    },
    slot: slot == null ? null : Number(slot),
    hasFractions: Number(fractions ?? 0) > 0,
  };
}

/** Adjacent buckets of equal length. */
export interface BucketRun {
  /** First instant of the first bucket. */
  readonly start: number;
  /** First instant after the last bucket. */
  readonly end: number;
  /** Length of each bucket in milliseconds. */
  readonly length: number;
  /** Number of buckets in the runs before. */
  readonly index: number;
}

/**
 * The buckets that overlap a span, as few runs of equal length. Databases then need no time zone:
 * the number of a bucket is a matter of a division.
 */
export function bucketRuns(
  calendar: BucketCalendar,
  span: BucketSpan,
  interval: ReportInterval,
): BucketRun[] {
  const runs: BucketRun[] = [];
  let index = 0;
  for (let at = span.start; at < span.end; index++) {
    const { start, end } = calendar.bucket(interval, at);
    const last = runs.at(-1);
    if (last && last.length === end - start) runs[runs.length - 1] = { ...last, end };
    else runs.push({ start, end, length: end - start, index });
    at = end;
  }
  return runs;
}
