import type { UsageRecord } from '../../../record/index.js';
import {
  addMeasures,
  recordCounts,
  type BucketCalendar,
  type Measures,
  type ReportDimension,
} from '../../../summary/index.js';
import type { ReportInterval } from '../../contract/usage-report.js';
import { reportedValue, type ReportedValue } from './dimension-value.js';
import type { MetricSet } from './metrics.js';
import {
  addReportCounts,
  addSlot,
  DistinctNames,
  noReportCounts,
  type ReportCounts,
} from './report-counts.js';

/** The requests with equal values in all dimensions. */
export interface ReportGroup {
  /** The values of the dimensions, in order. */
  readonly values: readonly ReportedValue[];
  /** The counts by the first instant of their bucket; by 0 without an interval. */
  readonly buckets: Map<number, ReportCounts>;
}

/** What groups are made by. */
export interface GroupShape {
  readonly calendar: BucketCalendar;
  readonly dimensions: readonly ReportDimension[];
  readonly interval: ReportInterval | null;
  readonly metrics: MetricSet;
  /**
   * Whether the range has no start. The first request tells where it begins, in whatever part of the
   * range it is found.
   */
  readonly isOpen: boolean;
  /** Whether latency may be left to `Counted.late`. */
  readonly isLatencyLate: boolean;
}

/**
 * A part of what a report counts, which may come from another place than the others: the measures, or
 * the distinct values of a dimension, by its place in `MetricSet.distinct`.
 */
export type ReportPart = number;
export const MEASURED = -1;

/** The groups of a report while requests are added. */
export class ReportGroups {
  private readonly groups = new Map<unknown, ReportGroup>();
  private readonly names: readonly DistinctNames[];
  private first = Infinity;

  constructor(readonly shape: GroupShape) {
    this.names = shape.metrics.distinct.map(() => new DistinctNames());
    this.clear();
  }

  /** Forgets all requests. */
  clear(): void {
    this.groups.clear();
    this.first = Infinity;
    // Requests without dimensions are one group, even if there are none.
    if (this.shape.dimensions.length === 0) this.groupOf([]);
  }

  /** When the first counted request arrived; null if there is none. */
  get firstSeen(): number | null {
    return Number.isFinite(this.first) ? this.first : null;
  }

  get size(): number {
    return this.groups.size;
  }

  all(): ReportGroup[] {
    return [...this.groups.values()];
  }

  /** The group of the same values. */
  find(values: readonly ReportedValue[]): ReportGroup | undefined {
    return this.groups.get(idOf(values));
  }

  /** All parts of what the report counts. */
  get parts(): ReportPart[] {
    return [MEASURED, ...this.names.keys()];
  }

  /** Adds some parts of a record. */
  add(record: UsageRecord, parts: readonly ReportPart[]): void {
    const { dimensions, metrics } = this.shape;
    const values = dimensions.map((dimension) => reportedValue(dimension, dimension.read(record)));
    const cell = this.cellOf(values, record.date.getTime());
    for (const part of parts) {
      if (part === MEASURED) {
        const counts = recordCounts(record);
        addMeasures(cell, counts);
        if (metrics.needsLatency) addSlot(cell, counts.slot, counts.hits);
        if (counts.firstSeen < this.first) this.first = counts.firstSeen;
      } else {
        const dimension = metrics.distinct[part]!;
        const value = reportedValue(dimension, dimension.read(record));
        if (value !== null) cell.distinct[part]!.add(this.names[part]!.numberOf(value));
      }
    }
  }

  /**
   * Adds counts of many requests, but for their latencies.
   *
   * @param instant Any instant of their bucket.
   * @returns The counts that they were added to. Their latencies may be added.
   */
  addCounts(values: readonly ReportedValue[], instant: number, counts: Measures): ReportCounts {
    const cell = this.cellOf(values, instant);
    addMeasures(cell, counts);
    if (counts.firstSeen < this.first) this.first = counts.firstSeen;
    return cell;
  }

  /** Adds a distinct value of a counted dimension. */
  addDistinct(
    values: readonly ReportedValue[],
    instant: number,
    index: number,
    value: ReportedValue,
  ): void {
    if (value === null) return;
    this.cellOf(values, instant).distinct[index]!.add(this.names[index]!.numberOf(value));
  }

  /** The counts of a group in the bucket of an instant. */
  cellOf(values: readonly ReportedValue[], instant: number): ReportCounts {
    const { calendar, interval } = this.shape;
    const { buckets } = this.groupOf(values);
    const bucket = interval === null ? 0 : calendar.start(interval, instant);
    let cell = buckets.get(bucket);
    if (!cell) buckets.set(bucket, (cell = noReportCounts(this.names.length)));
    return cell;
  }

  /** The counts of all buckets of a group. */
  totalOf({ buckets }: ReportGroup): ReportCounts {
    if (buckets.size === 1) return buckets.values().next().value!;
    const total = noReportCounts(this.names.length);
    for (const counts of buckets.values()) addReportCounts(total, counts);
    return total;
  }

  private groupOf(values: readonly ReportedValue[]): ReportGroup {
    const id = idOf(values);
    let group = this.groups.get(id);
    if (!group) this.groups.set(id, (group = { values, buckets: new Map() }));
    return group;
  }
}

/** A key for `Map` that is equal for equal values only. */
function idOf(values: readonly ReportedValue[]): unknown {
  if (values.length === 1) return values[0];
  let id = '';
  for (const value of values) {
    const text = String(value);
    id += `${value === null ? 'null' : typeof value}${text.length}:${text}`;
  }
  return id;
}
