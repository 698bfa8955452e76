import { LAST_INSTANT, type BucketSpan } from '../../../summary/index.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';
import { mergeSpans } from '../coverage-note.js';
import { readPruned } from '../named-values.js';
import type { BaseStorageParts } from '../storage-parts.js';
import { UnmeasuredBuckets } from '../unmeasured-buckets.js';
import { addStored } from './add-stored.js';
import { keptSums } from './kept-sums.js';
import type { ParsedReportQuery } from './parse-report-query.js';
import type { ReportGroups, ReportPart } from './report-groups.js';
import type { AskedSpan, Counted, ReportSource } from './report-source.js';
import { neededDimensions, SumSource } from './sum-source.js';
import { isDecided, type DecidedDimension } from '../routes/deprecation-rule.js';
import type { SpanPlan } from './sum-plan.js';

/** A part of a report, and where each instant of it is counted. */
interface PlannedPart extends Source {
  readonly plan: SpanPlan;
}

/** A part of a report, and the sums that may answer it; null if none may. */
interface Source {
  readonly part: ReportPart;
  readonly sums: SumSource | null;
}

/** The source of reports on an open storage: sums where they are complete, and records. */
export function storedSource(
  parts: BaseStorageParts,
  query: ParsedReportQuery,
  signal: AbortSignal | null,
): ReportSource {
  const { reader, summarizer, values } = parts;
  const { calendar } = summarizer;
  const given = { where: query.filter.where, signal };
  const unmeasured = new UnmeasuredBuckets(parts);
  return {
    calendar,
    async newest() {
      const [newest] = await reader.page({
        start: null,
        end: null,
        where: [],
        limit: 1,
        offset: 0,
        signal,
      });
      return newest?.date.getTime() ?? null;
    },
    async count(asked, groups): Promise<Counted> {
      const pruned = (await readPruned(values)).records ?? -Infinity;
      const sums = sourcesOf(parts, query, groups, unmeasured);
      const found = await planned(sums, asked, groups, pruned);
      const counted = { isFromSums: false, isFromRecords: false, incomplete: new Set<string>() };
      const fromRecords = new Map<string, { span: AskedSpan; parts: ReportPart[] }>();
      for (const { part, sums, plan } of found.parts) {
        if (sums && plan.sums.length > 0) {
          counted.isFromSums = true;
          if (await sums.add(plan.sums, groups)) counted.incomplete.add(sums.counted);
        }
        for (const { start, end } of plan.records) {
          const id = `${start} ${end}`;
          const known = fromRecords.get(id)?.parts ?? [];
          const span = { start: start === -LAST_INSTANT ? null : start, end };
          fromRecords.set(id, { span, parts: [...known, part] });
        }
      }
      for (const each of fromRecords.values()) {
        counted.isFromRecords = true;
        await addStored(reader, given, groups.shape, each.span, groups, each.parts);
      }
      return { ...counted, span: found.span };
    },
  };
}

/** The sums that may answer each part of a report; null if none may. */
function sourcesOf(
  parts: BaseStorageParts,
  query: ParsedReportQuery,
  groups: ReportGroups,
  unmeasured: UnmeasuredBuckets,
): Source[] {
  const own = query.dimensions.filter(({ summary, name }) => summary === name);
  const kept = keptSums(parts.summarizer.hooks, own, decidedDimensions(query));
  return groups.parts.map((part) => ({
    part,
    sums: SumSource.find(parts, kept, query, groups.shape, part, unmeasured),
  }));
}

function decidedDimensions({ dimensions, filter }: ParsedReportQuery): readonly DecidedDimension[] {
  const filtered = filter.where.flatMap(({ operand }) =>
    operand.kind === 'dimension' ? [operand.dimension] : [],
  );
  const decided = [...dimensions, ...filtered].filter(isDecided);
  return [...new Set(decided)];
}

/** Plans all parts for the same span: the last part of what is asked for that has no gaps. */
async function planned(
  sources: readonly Source[],
  asked: AskedSpan,
  groups: ReportGroups,
  pruned: number,
): Promise<{ span: AskedSpan; parts: PlannedPart[] }> {
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
async function firstBucket(sources: readonly Source[], end: number): Promise<number> {
  let first = end;
  for (const { sums } of sources) first = Math.min(first, (await sums?.first()) ?? end);
  return first;
}

function recordPlan({ start, end }: BucketSpan, pruned: number): SpanPlan {
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
