import type { LatencyCounts } from '../../../summary/index.js';
import { Slice } from '../../../support/slice.js';
import type { MetricSet } from './metrics.js';
import type { ParsedReportQuery } from './parse-report-query.js';
import type { Planned } from './planned-parts.js';
import { isSameCount } from './report-counts.js';
import type { ReportGroup, ReportGroups } from './report-groups.js';
import type { LateLatency } from './report-source.js';
import type { SumPiece } from './sum-plan.js';
import type { SumSource } from './sum-source.js';

/** The most keys, and so groups, whose latency is read by their keys. */
const MOST_KEYS = 100;
const NO_LATENCY: LatencyCounts = new Map();

/**
 * Whether a report may read latency when it knows which groups it shows. Latency is the larger part
 * of a row of sums, and most rows are of groups that a report counts in `rest` alone, or of keys that
 * a filter leaves out.
 */
export function readsLatencyLate(
  { order, dimensions, limit, filter }: ParsedReportQuery,
  metrics: MetricSet,
): boolean {
  if (!metrics.needsLatency || limit > MOST_KEYS) return false;
  if (dimensions.length === 0 && filter.where.length === 0) return false;
  return order.every(({ by }) => !('metric' in by) || !metrics.isPercentile(by.metric));
}

/** Sums that are counted without latency. */
export interface LateSums {
  readonly source: SumSource;
  readonly pieces: readonly SumPiece[];
  /** The hits of each key that counts. */
  readonly hitsByKey: Map<string, number>;
}

/** The sums that may be counted without latency; null if none may. */
export function lateSums({ parts }: Planned, { shape }: ReportGroups): LateSums | null {
  if (!shape.isLatencyLate) return null;
  for (const { sums: source, plan } of parts)
    if (source?.findsLatency && plan.sums.length > 0)
      return { source, pieces: plan.sums, hitsByKey: new Map() };
  return null;
}

/**
 * The latency of sums, read by the keys of the groups that are shown; where keys are filtered, by
 * those that count.
 */
export class LateSumLatency implements LateLatency {
  /** @param latency That of all keys together, unless they are filtered. */
  constructor(
    private readonly counted: LateSums,
    private readonly groups: ReportGroups,
    private readonly latency: LatencyCounts,
  ) {}

  async addTo(shown: ReadonlySet<ReportGroup>): Promise<LatencyCounts | null> {
    const { counted, groups, latency } = this;
    const { source, pieces, hitsByKey: all } = counted;
    const some = source.isFiltered ? all : await this.hitsOf(shown);
    const keys = some.size <= MOST_KEYS ? [...some.keys()] : null;
    const wanted = keys ? some : all;
    const found = await source.addLatency(pieces, groups, keys);
    for (const [key, hits] of wanted) {
      const again = found.byKey.get(key);
      if (!again || !isSameCount(again.hits, hits) || !isSameCount(again.inSlots, hits))
        return null;
    }
    return wanted === all ? NO_LATENCY : without(latency, found.latency);
  }

  /** The keys of some groups, with their hits. */
  private async hitsOf(shown: ReadonlySet<ReportGroup>): Promise<Map<string, number>> {
    const { groups } = this;
    const { source, hitsByKey } = this.counted;
    const slice = new Slice();
    const found = new Map<string, number>();
    for (const [key, hits] of hitsByKey) {
      const group = groups.find(source.valuesOf(key));
      if (group && shown.has(group)) found.set(key, hits);
      await slice.step();
    }
    return found;
  }
}

/** What is left of counts; null if more is taken than there is. */
function without(all: LatencyCounts, some: LatencyCounts): LatencyCounts | null {
  const left = new Map(all);
  for (const [slot, count] of some) {
    const more = (left.get(slot) ?? 0) - count;
    // Sums of fractions differ by their order.
    if (isSameCount(more, 0)) left.delete(slot);
    else if (more < 0) return null;
    else left.set(slot, more);
  }
  return left;
}
