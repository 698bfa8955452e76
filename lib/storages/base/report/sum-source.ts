import {
  isMeasured,
  OTHER_KEY,
  RECORD_COUNT,
  SUMMARY_PERIODS,
  type BucketSpan,
  type LatencyCounts,
  type MeasureName,
  type ReportDimension,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { completeBuckets, notedBuckets, type BucketNotes } from '../coverage.js';
import type { BaseStorageParts, ScannedSum } from '../storage-parts.js';
import type { UnmeasuredBuckets } from '../unmeasured-buckets.js';
import { grouped } from './add-stored.js';
import { keyTest, plainValue, type KeptSums } from './kept-sums.js';
import type { ReportedValue } from './dimension-value.js';
import type { ParsedReportQuery } from './parse-report-query.js';
import { addSlot } from './report-counts.js';
import { MEASURED, type GroupShape, type ReportGroups, type ReportPart } from './report-groups.js';
import { periodsOf, planSpan, type SpanPlan, type SumPiece } from './sum-plan.js';
import { scanPieces, type ScanManner } from './scan-pieces.js';

type SumParts = Pick<BaseStorageParts, 'sums' | 'summarizer' | 'values'>;
/** What is noted of the buckets of each period. */
export type NotesOfPeriod = (period: SummaryPeriod) => BucketNotes;
type KeyTest = NonNullable<ReturnType<typeof keyTest>>;

/** The measures that version 0.1.0 keeps. */
const FORMAT_1: readonly MeasureName[] = ['hits', 'transfer', 'errors', 'duration'];
const NO_MEASURES: ReadonlySet<MeasureName> = new Set();
/** No storage has more buckets of one period. */
const ALL_BUCKETS = 10_000_000;

/** What the rows of some buckets count together, whatever their keys. */
export interface AddedSums {
  readonly hits: number;
  /** The hits for which the measures of format 2 are known. */
  readonly measured: number;
  /** Whether there are rows of folded keys. */
  readonly hasFolded: boolean;
  /** The hits of all records in these buckets at that moment. Null: the storage does not tell. */
  readonly total: number | null;
}

type Tally = { -readonly [Name in keyof AddedSums]: AddedSums[Name] };

/** What `SumSource.addLatency` has added. */
export interface AddedLatency {
  /** All that it added. */
  readonly latency: LatencyCounts;
  /** The hits of each key, and how many of them have a latency. */
  readonly byKey: ReadonlyMap<string, { readonly hits: number; readonly inSlots: number }>;
}

/** The sums that answer one part of a report. */
export class SumSource {
  private constructor(
    private readonly storage: SumParts,
    private readonly kept: KeptSums,
    private readonly shape: GroupShape,
    private readonly part: ReportPart,
    private readonly tests: readonly KeyTest[],
    private readonly unmeasured: UnmeasuredBuckets,
  ) {}

  /** The summary of fewest dimensions that tells all that a part of a report needs. */
  static find(
    storage: SumParts,
    kept: readonly KeptSums[],
    { filter }: ParsedReportQuery,
    shape: GroupShape,
    part: ReportPart,
    unmeasured: UnmeasuredBuckets,
  ): SumSource | null {
    const needed = neededDimensions(shape, part);
    for (const each of kept) {
      if (!needed.every(({ name }) => placeOf(each, name) >= 0)) continue;
      const tests = filter.where.map((condition) => keyTest(condition, each.dimensions));
      if (tests.every((test) => test !== null))
        return new SumSource(storage, each, shape, part, tests, unmeasured);
    }
    return null;
  }

  get summary(): string {
    return this.kept.summary;
  }

  /** Name of the dimension whose distinct values it counts. */
  get counted(): string {
    return this.part === MEASURED ? '' : this.shape.metrics.distinct[this.part]!.name;
  }

  /** Whether the latency of some groups is found sooner than that of all. */
  get findsLatency(): boolean {
    const { readsLatencyLate: when = 'filtered' } = this.storage.sums;
    if (this.part !== MEASURED || when === 'never') return false;
    return when === 'always' || this.isFiltered;
  }

  /** Whether only some of its keys count. */
  get isFiltered(): boolean {
    return this.tests.length > 0;
  }

  /** The values of a key in the dimensions of the report. */
  valuesOf(key: string): readonly ReportedValue[] {
    return this.shape.dimensions.map(this.reader(this.kept.values(key)));
  }

  /** The first bucket with a row; null if there is none. */
  async first(): Promise<number | null> {
    const { sums } = this.storage;
    if (sums.oldestBucket) return sums.oldestBucket({ dimension: this.kept.summary });
    let first: number | null = null;
    const range = { first: null, last: null };
    for (const period of SUMMARY_PERIODS)
      for (const { bucket } of await sums.totals({ ...this.of(period), range }))
        if (first === null || bucket < first) first = bucket;
    return first;
  }

  async plan(span: BucketSpan, pruned: number): Promise<SpanPlan> {
    const { storage, shape, kept, tests, unmeasured } = this;
    const { calendar } = shape;
    const [first, last] = [span.start, span.end - 1].map((at) => calendar.start('month', at));
    // All months at once, instead of those of each period.
    await unmeasured.ofMonths({ first: first!, last: last! });
    const { measures } = shape.metrics;
    const isOfFormat1 = [...measures].every((measure) => FORMAT_1.includes(measure));
    const needs = this.part !== MEASURED || isOfFormat1 ? 'format1' : 'all';
    const { summary } = kept;
    const source = {
      calendar,
      pruned,
      complete: (period: SummaryPeriod, { start, end }: BucketSpan) =>
        completeBuckets(
          storage,
          { summary, period, first: start, last: end - 1, needs },
          unmeasured,
        ),
      folded: async (period: SummaryPeriod, { start, end }: BucketSpan) => {
        if (kept.dimensions.length === 0) return [];
        const found = await storage.sums.page({
          ...this.of(period),
          range: { first: start, last: end - 1 },
          key: OTHER_KEY,
          limit: ALL_BUCKETS,
          offset: 0,
          order: 'date',
        });
        return found.map(({ date }) => calendar.bucket(period, date.getTime()));
      },
    };
    return planSpan(source, span, periodsOf(shape.interval), tests.length === 0);
  }

  /**
   * Plans a span by what is noted, without reading what the sums count: whether they are complete is
   * to be checked when they have been added.
   */
  planByNotes(span: BucketSpan, pruned: number, notes: NotesOfPeriod): Promise<SpanPlan> {
    const { shape, storage } = this;
    const { calendar } = shape;
    const source = {
      calendar,
      pruned,
      complete: async (period: SummaryPeriod, whole: BucketSpan) =>
        notedBuckets(calendar, period, whole, notes(period)),
      folded: async () => [],
    };
    // Without an interval, one scan of hours tells all.
    const isInHours =
      storage.sums.isMadeOfHours &&
      shape.interval === null &&
      (notes('hour').pruned ?? -Infinity) <= span.start;
    const periods = periodsOf(shape.interval).filter((each) => !isInHours || each === 'hour');
    return planSpan(source, span, periods, false);
  }

  /**
   * Adds the rows of some buckets to groups.
   *
   * @param hitsByKey Where to add the hits of each key that counts, for `addLatency`. Null: latency is added, too.
   * @returns What was added of each period that has some of them.
   */
  async add(
    pieces: readonly SumPiece[],
    groups: ReportGroups,
    hitsByKey: Map<string, number> | null,
  ): Promise<ReadonlyMap<SummaryPeriod, AddedSums>> {
    const { metrics } = this.shape;
    const { tellsTotal = false } = this.storage.sums;
    const isMeasuredPart = this.part === MEASURED;
    const how = {
      withLatency: isMeasuredPart && metrics.needsLatency && hitsByKey === null,
      measures: isMeasuredPart ? metrics.measures : NO_MEASURES,
      withTotal: tellsTotal && this.kept.summary !== RECORD_COUNT,
    };
    const total = how.withTotal ? 0 : null;
    const added = new Map<SummaryPeriod, Tally>();
    // Also of those that turn out to have no rows.
    for (const { period } of pieces)
      added.set(period, { hits: 0, measured: 0, hasFolded: false, total });
    await this.scan(pieces, how, (row, period) => {
      if (!this.addRow(row, groups, added.get(period)!)) return;
      hitsByKey?.set(row.key, (hitsByKey.get(row.key) ?? 0) + row.counts.hits);
    });
    // The count of all records is its own total.
    if (tellsTotal && !how.withTotal) for (const tally of added.values()) tally.total = tally.hits;
    return added;
  }

  /**
   * Adds the latency of some keys in some buckets to their groups.
   *
   * @param keys Keys that count. Null: all of these.
   */
  async addLatency(
    pieces: readonly SumPiece[],
    groups: ReportGroups,
    keys: readonly string[] | null,
  ): Promise<AddedLatency> {
    const latency = new Map<number, number>();
    const byKey = new Map<string, { hits: number; inSlots: number }>();
    const how = { withLatency: true, measures: NO_MEASURES, keys };
    await this.scan(keys?.length === 0 ? [] : pieces, how, (row) => {
      if (keys === null && !this.passes(this.kept.values(row.key))) return;
      const cell = groups.cellOf(this.valuesOf(row.key), row.bucket);
      const known = byKey.get(row.key) ?? { hits: 0, inSlots: 0 };
      byKey.set(row.key, known);
      known.hits += row.counts.hits;
      row.eachSlot((slot, count) => {
        addSlot(cell, slot, count);
        addSlot({ latency }, slot, count);
        known.inSlots += count;
      });
    });
    return { latency, byKey };
  }

  private scan(
    pieces: readonly SumPiece[],
    how: ScanManner,
    onRow: (row: ScannedSum, period: SummaryPeriod) => void,
  ): Promise<void> {
    const { storage, kept, shape } = this;
    return scanPieces(storage.sums, { dimension: kept.summary, ...how }, shape, pieces, onRow);
  }

  /** Whether a key of some values counts. Null: that of folded keys, whose values are not known. */
  private passes(all: readonly ReportedValue[] | null): boolean {
    return !all || this.tests.every(({ place, passes }) => passes(plainValue(all[place]!)));
  }

  /** @returns Whether its key counts. */
  private addRow(row: ScannedSum, groups: ReportGroups, tally: Tally): boolean {
    const { kept, shape, part } = this;
    const { hits, measured } = row.counts;
    if (tally.total !== null) tally.total += row.total ?? 0;
    if (hits <= 0) return false;
    tally.hits += hits;
    tally.measured += measured;
    const all = kept.values(row.key);
    if (all === null) tally.hasFolded = true;
    if (!this.passes(all)) return false;
    const valueOf = this.reader(all);
    const values = shape.dimensions.map(valueOf);
    if (part === MEASURED) {
      const known = isMeasured(row.counts) ? row.counts : { ...row.counts, firstSeen: row.bucket };
      const cell = groups.addCounts(values, row.bucket, known);
      row.eachSlot((slot, count) => addSlot(cell, slot, count));
    } else if (all) {
      groups.addDistinct(values, row.bucket, part, valueOf(shape.metrics.distinct[part]!));
    }
    return true;
  }

  /** Reads a dimension of a key's values. Null: those of folded keys. */
  private reader(all: readonly ReportedValue[] | null) {
    const { kept } = this;
    return ({ name }: ReportDimension): ReportedValue =>
      all ? all[placeOf(kept, name)]! : OTHER_KEY;
  }

  private of(period: SummaryPeriod) {
    return { dimension: this.kept.summary, period };
  }
}

/** The dimensions that a part of a report groups by or counts. */
export function neededDimensions(
  { dimensions, metrics }: GroupShape,
  part: ReportPart,
): readonly ReportDimension[] {
  return part === MEASURED ? dimensions : grouped(dimensions, metrics.distinct[part]!);
}

function placeOf({ dimensions }: KeptSums, name: string): number {
  return dimensions.findIndex((dimension) => dimension.name === name);
}
