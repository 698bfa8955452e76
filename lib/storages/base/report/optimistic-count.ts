import type { SummaryPeriod } from '../../../summary/index.js';
import { mergeSpans, readCoverage, type Coverage } from '../coverage-note.js';
import { readPruned } from '../named-values.js';
import type { PrunedUntil } from '../recompute/bucket-ranges.js';
import type { BaseStorageParts } from '../storage-parts.js';
import type { UnmeasuredBuckets } from '../unmeasured-buckets.js';
import { addPlanned } from './add-planned.js';
import type { ReportFilter } from './add-stored.js';
import { completeLatency } from './complete-latency.js';
import { LateSumLatency, lateSums } from './late-latency.js';
import type { PartSource } from './part-sources.js';
import { recordPlan, type Planned, type PlannedPart } from './planned-parts.js';
import type { ReportGroups } from './report-groups.js';
import type { AskedSpan, Counted } from './report-source.js';
import type { SumPiece } from './sum-plan.js';
import type { SumSource } from './sum-source.js';
import { together } from './together.js';

/** For how long a summary that lacked requests is asked for each bucket first. */
const DISTRUST_MS = 60_000;
/** Requests came in that are in sums and not in the span. */
const CAME_IN = Symbol('came in');
/** Until when the summaries of a storage are distrusted, by the clock of `performance`. */
const distrusted = new WeakMap<BaseStorageParts['summarizer'], Map<string, number>>();

/** What a count depends on. */
interface Notes {
  readonly pruned: PrunedUntil;
  readonly coverage: Coverage | null;
  /** The date of the newest record. Null: there is none, or it does not matter. */
  readonly newest: number | null;
}

/** What is asked for, and the end of the bucket in which it ends. */
export interface WidenedSpan {
  readonly asked: AskedSpan;
  readonly bucketEnd: number;
}

/**
 * Counts a report in the sums of whole buckets without asking first which of these are complete: it
 * checks afterwards that they count as many requests as there are records. So the rows of sums are
 * read once. What does not hold is counted anew by whoever asks each bucket first.
 *
 * A row of a summary is written together with the count of all records, and whoever erases requests
 * notes the buckets of sums that it leaves as they are. So sums of which nothing is noted may lack
 * requests and never have more: the same total means the same in every bucket.
 */
export class OptimisticCount {
  /** What was counted in vain. */
  private tried: Planned | null = null;

  constructor(
    private readonly parts: BaseStorageParts,
    private readonly given: ReportFilter,
    private readonly sources: readonly PartSource[],
    private readonly unmeasured: UnmeasuredBuckets,
    private readonly newest: () => Promise<number | null>,
  ) {}

  /** Returns null, and leaves groups in disorder, if sums do not answer or did not hold. */
  async count({ asked, bucketEnd }: WidenedSpan, groups: ReportGroups): Promise<Counted | null> {
    const found = await this.attempt({ asked, bucketEnd }, groups);
    if (found !== CAME_IN) return found;
    groups.clear();
    const again = await this.attempt({ asked, bucketEnd: asked.end }, groups);
    return again === CAME_IN ? null : again;
  }

  private async attempt(
    { asked, bucketEnd }: WidenedSpan,
    groups: ReportGroups,
  ): Promise<Counted | typeof CAME_IN | null> {
    const { parts, given, sources } = this;
    const { start, end } = asked;
    const isTrusted = sources.every(({ sums }) => sums === null || !this.isDistrusted(sums));
    if (start === null || !isTrusted || sources.every(({ sums }) => sums === null)) return null;
    parts.sums.expectReadings?.();
    const widens = bucketEnd > end;
    const isMeasured = () => this.isMeasured(start, end);
    const { isSequential } = parts.sums;
    // A server can look for it while it reads rows.
    const measured = isSequential ? null : isMeasured();
    measured?.catch(() => {});
    const [notes, wasMeasured] = await this.notesAnd(
      isSequential ? isMeasured : async () => true,
      widens,
    );
    if (!wasMeasured || !tellsMonths(notes, start)) return null;
    // Where no record is younger, sums of the bucket in which the span ends count none either.
    const isLast = widens && endsLast(asked, notes);
    const plan = await this.plan({ start, end: isLast ? bucketEnd : end }, notes);
    if (plan === null) return null;
    this.tried = plan;
    const late = lateSums(plan, groups);
    const { counted, sums } = await addPlanned(parts, given, plan, end, groups, late);
    if (!(await (measured ?? true))) return null;
    const unfiltered = late?.source.isFiltered ? null : late;
    const [after, latency] = await this.notesAnd(
      () => completeLatency(parts, plan, sums, unfiltered?.source ?? null),
      isLast,
    );
    if (isLast && !endsLast(asked, after)) return CAME_IN;
    if (latency === null || !tellsMonths(after, start)) return null;
    // A process notes an hour before it stores there, and what it prunes before it deletes.
    const again = await this.plan(plan.span, after);
    if (again === null || !isSamePlan(plan, again)) return null;
    return late ? { ...counted, late: new LateSumLatency(late, groups, latency) } : counted;
  }

  /** Remembers which summaries lack requests, by a plan for which each bucket was asked. */
  learn({ span, parts }: Planned): void {
    if (this.tried?.span.start !== span.start || this.tried.span.end !== span.end) return;
    for (const [at, { sums, plan }] of parts.entries())
      if (sums && !isSameSums(this.tried.parts[at]!.plan.sums, plan.sums)) this.distrust(sums);
  }

  /** Whether version 0.1.0 has counted in no month that is still there. */
  private async isMeasured(start: number, end: number): Promise<boolean> {
    const { calendar } = this.parts.summarizer;
    const range = {
      first: calendar.start('month', start),
      last: calendar.start('month', end - 1),
    };
    return (await this.unmeasured.ofMonths(range)).length === 0;
  }

  /** Reads the notes, and does something else meanwhile if the storage can. */
  private async notesAnd<T>(task: () => Promise<T>, withNewest: boolean): Promise<[Notes, T]> {
    const { values, sums } = this.parts;
    let [pruned, coverage, newest, found]: [PrunedUntil, Coverage | null, number | null, T?] = [
      {},
      null,
      null,
    ];
    const tasks = [
      async () => void (pruned = await readPruned(values)),
      async () => void (coverage = await readCoverage(values)),
      ...(withNewest ? [async () => void (newest = await this.newest())] : []),
      async () => void (found = await task()),
    ];
    await together(tasks, sums.isSequential);
    return [{ pruned, coverage, newest }, found!];
  }

  /** Plans by notes alone. Null if a part of the span is in neither sums nor records. */
  private async plan(
    { start, end }: AskedSpan,
    { pruned, coverage }: Notes,
  ): Promise<Planned | null> {
    const span = { start: start!, end };
    const records = pruned.records ?? -Infinity;
    const found: PlannedPart[] = [];
    for (const source of this.sources) {
      const plan =
        source.sums === null
          ? recordPlan(span, records)
          : await source.sums.planByNotes(span, records, (period) => ({
              coverage,
              pruned: pruned[period],
            }));
      if (plan.gaps.length > 0) return null;
      found.push({ ...source, plan });
    }
    return { span, parts: found };
  }

  private isDistrusted({ summary }: SumSource): boolean {
    const until = distrusted.get(this.parts.summarizer)?.get(summary);
    return until !== undefined && performance.now() < until;
  }

  private distrust({ summary }: SumSource): void {
    const known = distrusted.get(this.parts.summarizer) ?? new Map<string, number>();
    distrusted.set(this.parts.summarizer, known.set(summary, performance.now() + DISTRUST_MS));
  }
}

/**
 * Whether no request was counted after a span, as its records tell: all of them are stored, and none
 * is younger. Records are deleted from the oldest on, so that one that is left vouches for later ones.
 */
export function endsLast(
  { end }: AskedSpan,
  { newest, pruned }: Pick<Notes, 'newest' | 'pruned'>,
): boolean {
  return newest !== null && newest < end && (pruned.records ?? -Infinity) < end;
}

/** Whether each month is still there that would tell whether version 0.1.0 has counted in it. */
function tellsMonths({ pruned }: Notes, start: number): boolean {
  return (pruned.month ?? -Infinity) <= start;
}

function isSamePlan(a: Planned, b: Planned): boolean {
  return a.parts.every(({ plan }, at) => {
    const other = b.parts[at]!.plan;
    return isSameSums(plan.sums, other.sums) && isSame(plan.records, other.records);
  });
}

function isSameSums(a: readonly SumPiece[], b: readonly SumPiece[]): boolean {
  const periods = new Set([...a, ...b].map(({ period }) => period));
  const of = (pieces: readonly SumPiece[], period: SummaryPeriod) =>
    mergeSpans(
      pieces.filter((piece) => piece.period === period),
      Infinity,
    );
  return [...periods].every((period) => isSame(of(a, period), of(b, period)));
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
