import { ConsumerCap } from '../shared/consumer-cap.js';
import { RecentIds } from '../shared/recent-ids.js';
import {
  OwnMetric,
  type Exemplar,
  type LabelValues,
  type MetricLine,
} from './prometheus-registry.js';

/** One request, or as many as a sampled record counts as. */
export interface Observation {
  /** The id of the record: a repeated one is counted once. */
  readonly id: string;
  /** Identifies the series. */
  readonly key: string;
  readonly labels: () => LabelValues;
  readonly value: number;
  readonly weight: number;
  readonly exemplar: Exemplar | undefined;
}

interface Series {
  readonly labels: LabelValues;
  /** By bucket, the last for what exceeds every bound. */
  readonly counts: Float64Array;
  readonly exemplars: (Exemplar | undefined)[];
  sum: number;
  count: number;
}

/** A histogram of requests by labels. */
export class HttpHistogram extends OwnMetric {
  readonly type = 'histogram';
  private readonly series = new Map<string, Series>();
  private readonly ids = new RecentIds();
  /** All writers on this metric share one cap. */
  readonly consumers: ConsumerCap;

  /** @param bounds The upper bounds of the buckets, rising. */
  constructor(
    name: string,
    help: string,
    labelNames: readonly string[],
    readonly bounds: readonly number[],
    maxConsumers: number,
  ) {
    super(name, help, labelNames);
    this.consumers = new ConsumerCap(maxConsumers);
  }

  startBatch(length: number): void {
    this.ids.startBatch(length);
  }

  observe({ id, key, labels, value, weight, exemplar }: Observation): void {
    if (!this.ids.add(id)) return;
    let series = this.series.get(key);
    if (series === undefined) this.series.set(key, (series = this.newSeries(labels())));
    const bucket = this.bucketOf(value);
    series.counts[bucket]! += weight;
    series.count += weight;
    series.sum += value * weight;
    if (exemplar !== undefined) series.exemplars[bucket] = exemplar;
  }

  reset(): void {
    this.series.clear();
    this.consumers.clear();
  }

  protected lines(): MetricLine[] {
    const { bounds } = this;
    const [bucketName, sumName, countName] = ['_bucket', '_sum', '_count'].map(
      (ending) => this.name + ending,
    ) as [string, string, string];
    const lines: MetricLine[] = [];
    for (const { labels, counts, exemplars, sum, count } of this.series.values()) {
      let reached = 0;
      for (let at = 0; at <= bounds.length; at++) {
        reached += counts[at]!;
        lines.push({
          metricName: bucketName,
          labels: { le: bounds[at] ?? '+Inf', ...labels },
          value: reached,
          exemplar: exemplars[at],
        });
      }
      lines.push({ metricName: sumName, labels, value: sum });
      lines.push({ metricName: countName, labels, value: count });
    }
    return lines;
  }

  private newSeries(labels: LabelValues): Series {
    const counts = new Float64Array(this.bounds.length + 1);
    return { labels, counts, exemplars: [], sum: 0, count: 0 };
  }

  /** The bucket of a value: bounds are inclusive. */
  private bucketOf(value: number): number {
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    return bucket;
  }
}
