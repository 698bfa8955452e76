import { LAST_INSTANT, type BucketSpan } from '../../../summary/index.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';
import { mergeSpans } from '../coverage-note.js';
import type { PartSource } from './part-sources.js';
import type { ReportGroups } from './report-groups.js';
import type { AskedSpan } from './report-source.js';
import type { SpanPlan } from './sum-plan.js';
import { neededDimensions } from './sum-source.js';

/** A part of a report, and where each instant of it is counted. */
export interface PlannedPart extends PartSource {
  readonly plan: SpanPlan;
}

/** Where a span is counted. Without `start` it begins with the first request. */
export interface Planned {
  readonly span: AskedSpan;
  readonly parts: readonly PlannedPart[];
}

/** Plans all parts for the same span: the last part of what is asked for that has no gaps. */
export async function planned(
  sources: readonly PartSource[],
  asked: AskedSpan,
  groups: ReportGroups,
  pruned: number,
): Promise<Planned> {
  const first = asked.start ?? (await firstBucket(sources, asked.end));
  // Only records are older than the first bucket.
  const older = asked.start === null ? { start: -LAST_INSTANT, end: first } : null;
  let { start, end } = { start: first, end: asked.end };
  while (start < end) {
    const parts: PlannedPart[] = [];
    for (const { part, sums } of sources) {
      const plan = sums
        ? await sums.plan({ start, end }, pruned)
        : recordPlan({ start, end }, pruned);
      parts.push({ part, sums, plan });
    }
    const gaps = mergeSpans(
      parts.flatMap(({ plan }) => plan.gaps),
      Infinity,
    );
    const last = gaps.at(-1);
    if (!last) {
      const isWhole = older !== null && start === first;
      return {
        span: { start: asked.start === null ? null : start, end },
        parts: parts.map(({ plan, ...rest }) => ({
          ...rest,
          plan: isWhole ? { ...plan, records: [older, ...plan.records] } : plan,
        })),
      };
    }
    if (last.end < end) start = last.end;
    else end = last.start;
  }
  if (older)
    return { span: asked, parts: sources.map((each) => ({ ...each, plan: onlyRecords(older) })) };
  throw nothingLeft(asked, groups, pruned);
}

/** The first instant that sums may tell. */
async function firstBucket(sources: readonly PartSource[], end: number): Promise<number> {
  let first = end;
  for (const { sums } of sources) first = Math.min(first, (await sums?.first()) ?? end);
  return first;
}

export function recordPlan({ start, end }: BucketSpan, pruned: number): SpanPlan {
  return {
    sums: [],
    records: pruned < end ? [{ start: Math.max(start, pruned), end }] : [],
    gaps: pruned > start ? [{ start, end: Math.min(pruned, end) }] : [],
  };
}

function onlyRecords(span: BucketSpan): SpanPlan {
  return { sums: [], records: [span], gaps: [] };
}

/** The error for a span that neither records nor sums can tell. */
function nothingLeft(
  { start }: AskedSpan,
  { parts, shape }: ReportGroups,
  pruned: number,
): UsageQueryError {
  const names = parts
    .map((part) => neededDimensions(shape, part).map(({ name }) => name))
    .filter((each) => each.length > 0)
    .map((each) => `'${each.join("' by '")}'`);
  const needed =
    names.length === 0 ? 'any summary' : `a summary of ${[...new Set(names)].join(' and of ')}`;
  return new UsageQueryError(
    'startDate',
    start === null ? undefined : new Date(start),
    `a range that is still stored: records from before ${new Date(pruned).toISOString()} are ` +
      `pruned, and only ${needed}, kept since then and without further conditions, would answer`,
  );
}
