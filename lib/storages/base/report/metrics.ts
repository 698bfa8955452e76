import {
  percentiles,
  reportDimension,
  type MeasureName,
  type ReportDimension,
} from '../../../summary/index.js';
import type { Metric } from '../../contract/usage-report.js';
import { noReportCounts, type ReportCounts } from './report-counts.js';

/** The value of a metric. */
export type MetricResult = number | Date | null;

/** What a metric is computed from. */
interface MetricSource {
  /** The measures that it needs. */
  readonly measures?: readonly MeasureName[];
  /** The percentile of latency that it is; 100 is the maximum. */
  readonly percent?: number;
  /** The dimension whose distinct values it counts. */
  readonly distinct?: string;
  /** Computes it from the measures. */
  readonly of?: (counts: ReportCounts) => MetricResult;
}

const SOURCES: Record<Metric, MetricSource> = {
  hits: { of: ({ hits }) => hits },
  transfer: { measures: ['transfer'], of: ({ transfer }) => transfer },
  errors: { measures: ['errors'], of: ({ errors }) => errors },
  refused: { measures: ['refused'], of: ({ refused }) => refused },
  aborted: { measures: ['aborted'], of: ({ aborted }) => aborted },
  errorRate: { measures: ['errors'], of: ({ errors, hits }) => ratio(errors, hits) },
  refusedRate: { measures: ['refused'], of: ({ refused, hits }) => ratio(refused, hits) },
  duration: { measures: ['duration'], of: ({ duration }) => duration / 1e6 },
  mean: { measures: ['duration'], of: ({ duration, hits }) => ratio(duration / 1e6, hits) },
  p50: { percent: 50 },
  p90: { percent: 90 },
  p95: { percent: 95 },
  p99: { percent: 99 },
  max: { percent: 100 },
  consumers: { distinct: 'consumer' },
  users: { distinct: 'username' },
  visitors: { distinct: 'visitor' },
  remotes: { distinct: 'remote' },
  routes: { distinct: 'route' },
  firstSeen: { measures: ['firstSeen'], of: ({ firstSeen }) => instant(firstSeen) },
  lastSeen: { measures: ['lastSeen'], of: ({ lastSeen }) => instant(lastSeen) },
};

/** Computes the values of some metrics from counts. */
export class MetricSet {
  /** The measures that the metrics need. `hits` always is one of them. */
  readonly measures: ReadonlySet<MeasureName>;
  readonly needsLatency: boolean;
  /** The dimensions whose distinct values are counted, in the order of `ReportCounts.distinct`. */
  readonly distinct: readonly ReportDimension[];
  private readonly percents: readonly number[];

  constructor(readonly metrics: readonly Metric[]) {
    const sources = metrics.map((metric) => SOURCES[metric]);
    this.measures = new Set<MeasureName>([
      'hits',
      ...sources.flatMap(({ measures = [] }) => measures),
    ]);
    const percents = sources.flatMap(({ percent }) => (percent === undefined ? [] : [percent]));
    this.percents = [...new Set(percents)].sort((a, b) => a - b);
    this.needsLatency = percents.length > 0;
    const names = sources.flatMap(({ distinct }) => (distinct === undefined ? [] : [distinct]));
    this.distinct = [...new Set(names)].map((name) => reportDimension(name)!);
  }

  /**
   * The values of some of the metrics, in order. Without requests, what is counted is 0 and what is
   * measured is null.
   */
  values(counts: ReportCounts = NO_REQUESTS, of: readonly Metric[] = this.metrics): MetricResult[] {
    const wants = of.some((metric) => SOURCES[metric].percent !== undefined);
    const found = wants ? this.percentiles(counts) : null;
    return of.map((metric) => {
      const { percent, distinct, of: compute } = SOURCES[metric];
      if (percent !== undefined) return found && found[this.percents.indexOf(percent)]!;
      if (distinct !== undefined) return counts.distinct[this.placeOf(distinct)]?.size ?? 0;
      return compute!(counts);
    });
  }

  /** Whether a metric is computed from latency. */
  isPercentile(metric: Metric): boolean {
    return SOURCES[metric].percent !== undefined;
  }

  /** The metrics that count distinct values of a dimension. */
  counting(dimension: ReportDimension): Metric[] {
    return this.metrics.filter((metric) => SOURCES[metric].distinct === dimension.name);
  }

  private percentiles({ hits, latency }: ReportCounts): number[] | null {
    return this.needsLatency && hits > 0 ? percentiles(latency, this.percents) : null;
  }

  private placeOf(dimension: string): number {
    return this.distinct.findIndex(({ name }) => name === dimension);
  }
}

const NO_REQUESTS = noReportCounts(0);

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function instant(value: number): Date | null {
  return Number.isFinite(value) ? new Date(value) : null;
}
