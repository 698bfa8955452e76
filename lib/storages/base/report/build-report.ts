import {
  addLatency,
  compareKeys,
  type BucketSpan,
  type LatencyCounts,
} from '../../../summary/index.js';
import { Slice } from '../../../support/slice.js';
import type { MetricSet } from './metrics.js';
import type { ParsedReportQuery } from './parse-report-query.js';
import { addReportCounts, noReportCounts, type ReportCounts } from './report-counts.js';
import type { ReportGroup, ReportGroups } from './report-groups.js';
import type { LateLatency } from './report-source.js';
import { sortInSlices } from './sort-in-slices.js';

/** The groups of one span of time, and its buckets: one that is all of the span without interval. */
export interface CountedSpan {
  readonly groups: ReportGroups;
  readonly span: BucketSpan;
  readonly buckets: readonly BucketSpan[];
  /** The latency that groups lack. Null: none. */
  readonly late: LateLatency | null;
}

const NO_LATENCY: LatencyCounts = new Map();

type Values = Record<string, unknown>;

/** The part of a report that follows from its groups. */
export interface BuiltReport {
  readonly rows: Values[];
  readonly totals: Values;
  readonly rest: Values | null;
  readonly groups: number;
}

/** Makes the rows of a report of its groups. */
export class ReportBuilder {
  private readonly slice = new Slice();

  /** @param metrics Those of the question and of its order. */
  constructor(
    private readonly query: ParsedReportQuery,
    private readonly metrics: MetricSet,
    private readonly current: CountedSpan,
    private readonly previous: CountedSpan | null,
    private readonly now: number,
  ) {}

  /** Returns null if sums do not count any more what they did when groups were counted. */
  async build(): Promise<BuiltReport | null> {
    const { current, previous } = this;
    const all = current.groups.all();
    const shown = await this.page(all);
    const [rest, restBefore] = await Promise.all([
      this.restOf(current, shown),
      previous && this.restOf(previous, shown),
    ]);
    if (rest === null || (previous !== null && restBefore === null)) return null;
    const rows: Values[] = [];
    for (const group of shown) {
      this.addRows(rows, group);
      await this.slice.step();
    }
    const total = await this.totalOf(current, shown, rest);
    const before = previous && restBefore && (await this.totalOf(previous, shown, restBefore));
    return {
      rows,
      totals: this.values(total, before ?? undefined),
      rest:
        shown.length === all.length
          ? null
          : {
              ...this.values(rest, restBefore ?? undefined),
              groups: all.length - shown.length,
            },
      groups: all.length,
    };
  }

  private async page(all: readonly ReportGroup[]): Promise<ReportGroup[]> {
    const { order, offset, limit } = this.query;
    if (offset >= all.length) return [];
    const metrics = order.flatMap(({ by }) => ('metric' in by ? [by.metric] : []));
    const entries: SortedGroup[] = [];
    for (const group of all) {
      const measured = this.metrics.values(this.current.groups.totalOf(group), metrics);
      let next = 0;
      const values = order.map(({ by }) =>
        'metric' in by ? measured[next++]! : group.values[by.dimension]!,
      );
      entries.push({ group, values });
      await this.slice.step();
    }
    const descending = order.map(({ isDescending }) => isDescending);
    const sorted = await sortInSlices(
      entries,
      (a, b) => compareGroups(a, b, descending),
      offset + limit,
    );
    return sorted.slice(offset).map(({ group }) => group);
  }

  private addRows(rows: Values[], group: ReportGroup): void {
    const { query, current, previous } = this;
    const before = previous?.groups.find(group.values);
    for (const [index, bucket] of current.buckets.entries()) {
      const row: Values = {};
      query.dimensions.forEach(({ name }, at) => (row[name] = group.values[at]));
      if (query.interval !== null) {
        row['date'] = new Date(bucket.start);
        if (this.isPartial(bucket)) row['partial'] = true;
      }
      const beside = previous?.buckets[index];
      rows.push({
        ...row,
        ...this.values(
          group.buckets.get(this.idOf(bucket)),
          beside && before?.buckets.get(this.idOf(beside)),
        ),
      });
    }
  }

  private idOf(bucket: BucketSpan): number {
    return this.query.interval === null ? 0 : bucket.start;
  }

  private isPartial({ start, end }: BucketSpan): boolean {
    const { span } = this.current;
    return start < span.start || end > span.end || end > this.now;
  }

  private values(counts: ReportCounts | undefined, before: ReportCounts | undefined): Values {
    const { metrics } = this.query;
    const named = (of: ReportCounts | undefined): Values => {
      const values = this.metrics.values(of, metrics);
      return Object.fromEntries(metrics.map((metric, index) => [metric, values[index]]));
    };
    const values = named(counts);
    if (this.previous) values['previous'] = named(before);
    return values;
  }

  /** The counts of a span's groups that are not shown. Those that are get their latency. */
  private async restOf(
    { groups, late }: CountedSpan,
    shown: readonly ReportGroup[],
  ): Promise<ReportCounts | null> {
    const besides = new Set(besidesOf(groups, shown));
    const latency = late ? await late.addTo(besides) : NO_LATENCY;
    if (latency === null) return null;
    const rest = await this.merged(groups.all().filter((group) => !besides.has(group)));
    addLatency(rest.latency, latency);
    return rest;
  }

  private totalOf(
    { groups }: CountedSpan,
    shown: readonly ReportGroup[],
    rest: ReportCounts,
  ): Promise<ReportCounts> {
    return this.merged(besidesOf(groups, shown), rest);
  }

  private async merged(
    groups: readonly ReportGroup[],
    others?: ReportCounts,
  ): Promise<ReportCounts> {
    const merged = noReportCounts(this.metrics.distinct.length);
    if (others) addReportCounts(merged, others);
    for (const { buckets } of groups)
      for (const counts of buckets.values()) {
        addReportCounts(merged, counts);
        await this.slice.step();
      }
    return merged;
  }
}

/** The groups of a span that have the same values as those that are shown. */
function besidesOf(groups: ReportGroups, shown: readonly ReportGroup[]): ReportGroup[] {
  return shown.flatMap(({ values }) => groups.find(values) ?? []);
}

interface SortedGroup {
  readonly group: ReportGroup;
  readonly values: readonly unknown[];
}

function compareGroups(a: SortedGroup, b: SortedGroup, descending: readonly boolean[]): number {
  for (let at = 0; at < descending.length; at++) {
    const order = compareValues(a.values[at], b.values[at], descending[at]!);
    if (order !== 0) return order;
  }
  const { values } = a.group;
  for (let at = 0; at < values.length; at++) {
    const order = compareValues(values[at], b.group.values[at], false);
    if (order !== 0) return order;
  }
  return 0;
}

/** Null comes last, whatever the direction. */
function compareValues(a: unknown, b: unknown, isDescending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = compareKnown(a, b);
  return isDescending ? -order : order;
}

// Numbers and dates come before text, which only the key of folded values is beside them.
function compareKnown(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareKeys(a, b);
  if (typeof a === 'string' || typeof b === 'string') return typeof a === 'string' ? 1 : -1;
  return Number(a) - Number(b);
}
