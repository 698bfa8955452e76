import { LAST_INSTANT, type BucketCalendar, type BucketSpan } from '../../../summary/index.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';
import type { ReportInterval } from '../../contract/usage-report.js';
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
import { periodsOf, type SpanPlan } from './sum-plan.js';
import { together } from './together.js';

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
    newest,
    async count(asked, groups): Promise<Counted> {
      const sources = sourcesOf(parts, query, groups, unmeasured);
      const end = lastBucketEnd(calendar, groups.shape.interval, asked.end);
      // Where no record is younger, sums of the bucket in which the range ends count none either.
      const isLast = async () => endsLast(asked, await newest(), await prunedRecords());
      if (end > asked.end && sources.some(({ sums }) => sums !== null) && (await isLast())) {
        const plan = await planned(sources, { ...asked, end }, groups, await prunedRecords());
        const counted = await add(plan, asked);
        if (await isLast()) return counted;
        groups.clear();
      }
      return add(await planned(sources, asked, groups, await prunedRecords()), asked);

      async function add(found: Planned, { end }: AskedSpan): Promise<Counted> {
        const counted = { isFromSums: false, isFromRecords: false, incomplete: new Set<string>() };
        const tasks: (() => Promise<void>)[] = [];
        const fromRecords = new Map<string, { span: AskedSpan; parts: ReportPart[] }>();
        for (const { part, sums, plan } of found.parts) {
          if (sums && plan.sums.length > 0) {
            counted.isFromSums = true;
            tasks.push(async () => {
              if (await sums.add(plan.sums, groups)) counted.incomplete.add(sums.counted);
            });
          }
          for (const span of plan.records) {
            if (span.start >= end) continue;
            const id = `${span.start} ${span.end}`;
            const known = fromRecords.get(id)?.parts ?? [];
            const start = span.start === -LAST_INSTANT ? null : span.start;
            const until = Math.min(span.end, end);
            fromRecords.set(id, { span: { start, end: until }, parts: [...known, part] });
          }
        }
        for (const each of fromRecords.values()) {
          counted.isFromRecords = true;
          tasks.push(() => addStored(reader, given, groups.shape, each.span, groups, each.parts));
        }
        await together(tasks, parts.sums.isSequential);
        return {
          ...counted,
          span: { start: found.span.start, end: Math.min(found.span.end, end) },
        };
      }
    },
  };

  async function prunedRecords(): Promise<number> {
    return (await readPruned(values)).records ?? -Infinity;
  }

  async function newest(): Promise<number | null> {
    if (reader.newest) return reader.newest(signal);
    const page = { start: null, end: null, where: [], limit: 1, offset: 0, signal };
    return (await reader.page(page))[0]?.date.getTime() ?? null;
  }
}

interface Planned {
  readonly span: AskedSpan;
  readonly parts: readonly PlannedPart[];
}

/**
 * Whether no request was counted after a span, as its records tell: all of them are stored, and none
 * is younger. Records are deleted from the oldest on, so that one that is left vouches for later ones.
 */
function endsLast({ end }: AskedSpan, newest: number | null, pruned: number): boolean {
  return newest !== null && newest < end && pruned < end;
}

/** The end of the largest bucket of sums, within a bucket of an interval, in which a span ends. */
function lastBucketEnd(
  calendar: BucketCalendar,
  interval: ReportInterval | null,
  end: number,
): number {
  const [period] = periodsOf(interval);
  return period === undefined ? end : calendar.bucket(period, end - 1).end;
}

/** The sums that may answer each part of a report; null if none may. */
function sourcesOf(
  parts: BaseStorageParts,
  query: ParsedReportQuery,
  groups: ReportGroups,
  unmeasured: UnmeasuredBuckets,
): Source[] {
  const filtered = query.filter.where.flatMap(({ operand }) =>
    operand.kind === 'dimension' ? [operand.dimension] : [],
  );
  const own = [...query.dimensions, ...filtered].filter(({ summary, name }) => summary === name);
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
