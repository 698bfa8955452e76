import type { BucketCalendar, BucketSpan, SummaryPeriod } from '../../../summary/index.js';
import type { ReportInterval } from '../../contract/usage-report.js';
import { mergeSpans, minusSpans } from '../coverage-note.js';

/** Adjacent buckets of one period that sums answer for. */
export interface SumPiece extends BucketSpan {
  readonly period: SummaryPeriod;
}

/** Where each instant of a span is counted. */
export interface SpanPlan {
  readonly sums: readonly SumPiece[];
  readonly records: readonly BucketSpan[];
  /** What neither sums nor records can tell. */
  readonly gaps: readonly BucketSpan[];
}

/** What the plan of a span asks of a storage. */
export interface PlanSource {
  readonly calendar: BucketCalendar;
  /** The complete buckets of a period in a span of whole buckets. */
  complete(period: SummaryPeriod, span: BucketSpan): Promise<readonly BucketSpan[]>;
  /** Those of a period in a span in which keys were folded. */
  folded(period: SummaryPeriod, span: BucketSpan): Promise<readonly BucketSpan[]>;
  /** Records from before this instant are pruned. */
  readonly pruned: number;
}

const PERIODS: Record<ReportInterval | 'none', readonly SummaryPeriod[]> = {
  none: ['month', 'day', 'hour'],
  month: ['month', 'day', 'hour'],
  week: ['day', 'hour'],
  day: ['day', 'hour'],
  hour: ['hour'],
  minute: [],
};

/** The periods of sums that make up the buckets of an interval, the coarsest first. */
export function periodsOf(interval: ReportInterval | null): readonly SummaryPeriod[] {
  return PERIODS[interval ?? 'none'];
}

/**
 * Plans where to count a span: in the largest whole buckets whose sums are complete, and the rest in
 * records. Buckets with folded keys are used only if their records are pruned.
 *
 * @param periods Of the sums, the coarsest first.
 * @param allowsFolded Whether folded keys are used at all: a filter cannot be applied to them.
 */
export async function planSpan(
  source: PlanSource,
  span: BucketSpan,
  periods: readonly SummaryPeriod[],
  allowsFolded: boolean,
): Promise<SpanPlan> {
  const sums: SumPiece[] = [];
  let rest: readonly BucketSpan[] = [span];
  const take = async (from: readonly BucketSpan[], withFolded: boolean) => {
    let left = from;
    for (const period of periods) {
      // At once: on a server, waiting for its answers takes most of the time.
      const found = left.map((each) => usable(source, period, each, withFolded));
      const taken = (await Promise.all(found)).flat();
      sums.push(...taken.map((piece) => ({ ...piece, period })));
      left = minusSpans(left, mergeSpans(taken, Infinity));
    }
    return left;
  };
  rest = await take(rest, false);
  const before = { start: -Infinity, end: source.pruned };
  let gaps: readonly BucketSpan[] = within(rest, before);
  const records = minusSpans(rest, [before]);
  if (allowsFolded && gaps.length > 0) gaps = await take(gaps, true);
  return { sums, records, gaps };
}

async function usable(
  source: PlanSource,
  period: SummaryPeriod,
  span: BucketSpan,
  withFolded: boolean,
): Promise<readonly BucketSpan[]> {
  const whole = source.calendar.wholeBuckets(period, span);
  if (whole === null) return [];
  const [found, folded] = await Promise.all([
    source.complete(period, whole),
    withFolded ? [] : source.folded(period, whole),
  ]);
  return minusSpans(within(found, whole), mergeSpans(folded, Infinity));
}

/** The parts of spans that lie in another. */
function within(spans: readonly BucketSpan[], { start, end }: BucketSpan): BucketSpan[] {
  return spans
    .map((span) => ({ start: Math.max(span.start, start), end: Math.min(span.end, end) }))
    .filter((span) => span.start < span.end);
}
