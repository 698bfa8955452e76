import {
  SUMMARY_PERIODS,
  type BucketCalendar,
  type BucketSpan,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { Slice } from '../../../support/slice.js';
import type { ReportInterval } from '../../contract/usage-report.js';
import type { BaseStorageParts, ScannedSum, SumScanQuery } from '../storage-parts.js';
import type { GroupShape } from './report-groups.js';
import type { SumPiece } from './sum-plan.js';
import { together } from './together.js';

/** Beyond as many buckets of a report, reading all rows takes less than asking for each bucket. */
const MOST_SCANS = 60;

/** What of rows is read. */
export type ScanManner = Pick<SumScanQuery, 'withLatency' | 'measures' | 'keys' | 'withTotal'>;

type Wanted = ScanManner & Pick<SumScanQuery, 'dimension'>;

/** Passes the rows of a summary in some buckets on, maybe those of several periods in turns. */
export async function scanPieces(
  sums: BaseStorageParts['sums'],
  wanted: Wanted,
  { calendar, interval }: Pick<GroupShape, 'calendar' | 'interval'>,
  pieces: readonly SumPiece[],
  onRow: (row: ScannedSum, period: SummaryPeriod) => void,
): Promise<void> {
  const tasks = SUMMARY_PERIODS.flatMap((period) => {
    const some = pieces.filter((piece) => piece.period === period);
    if (some.length === 0) return [];
    return async () => {
      for (const ranges of inScans(calendar, interval, period, some)) {
        const query = { ...wanted, period, ...ranges };
        await eachRow(sums.scan(query), (row) => onRow(row, period));
      }
    };
  });
  await together(tasks, sums.isSequential);
}

/**
 * The ranges of each scan. Rows of the same bucket of the report are added up where they are stored.
 * If each bucket has one row of a key, there is nothing to add up.
 */
function inScans(
  calendar: BucketCalendar,
  interval: ReportInterval | null,
  period: SummaryPeriod,
  pieces: readonly BucketSpan[],
): Pick<SumScanQuery, 'ranges' | 'mergesBuckets'>[] {
  const isEach = interval === null || interval === period;
  const buckets = isEach ? [] : byBucket(calendar, interval, pieces);
  if (buckets.length === 0 || buckets.length > MOST_SCANS)
    return [{ ranges: rangesOf(pieces), mergesBuckets: interval === null }];
  return buckets.map((some) => ({ ranges: rangesOf(some), mergesBuckets: true }));
}

/** Pieces by the bucket of an interval that they are in. */
function byBucket(
  calendar: BucketCalendar,
  interval: ReportInterval,
  pieces: readonly BucketSpan[],
): BucketSpan[][] {
  const found = new Map<number, BucketSpan[]>();
  for (const { start, end } of pieces)
    for (let at = start; at < end;) {
      const bucket = calendar.bucket(interval, at);
      const until = Math.min(bucket.end, end);
      found.set(bucket.start, [...(found.get(bucket.start) ?? []), { start: at, end: until }]);
      at = until;
    }
  return [...found.values()];
}

function rangesOf(spans: readonly BucketSpan[]): SumScanQuery['ranges'] {
  return spans.map(({ start, end }) => ({ first: start, last: end - 1 }));
}

async function eachRow(
  scan: AsyncIterable<readonly ScannedSum[]>,
  onRow: (row: ScannedSum) => void,
): Promise<void> {
  const slice = new Slice();
  for await (const rows of scan)
    for (const row of rows) {
      onRow(row);
      if (slice.isOver) await slice.next();
    }
}
