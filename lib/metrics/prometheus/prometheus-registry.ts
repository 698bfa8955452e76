/**
 * What the writer uses of a registry of `prom-client`.
 *
 * @publicApi
 */
export interface PrometheusRegistry {
  getSingleMetric(name: string): unknown;
  registerMetric(metric: never): void;
}

/** Label values of one line of a metric. */
export type LabelValues = Readonly<Record<string, string | number>>;

/** One line of a metric, as `prom-client` reads it. */
export interface MetricLine {
  /** The name of the line, if it is not the metric's: `…_bucket`. */
  readonly metricName?: string;
  readonly labels: LabelValues;
  readonly value: number;
  readonly exemplar?: Exemplar | undefined;
}

/** A request that a bucket counts. A registry writes it if it speaks OpenMetrics. */
export interface Exemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** What `prom-client` reads when it is scraped or aggregates the workers of a cluster. */
export interface MetricSnapshot {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: 'sum';
  readonly values: MetricLine[];
}

/** Marks the metrics of this library, whichever copy of it has made them. */
export const OWN_METRIC = Symbol.for('nestjs-track-usage:prometheus-metric');

/**
 * A metric as `prom-client`'s registries hold it. The library makes its own, because those of
 * `prom-client` can neither count a record as several requests at once nor take counts over.
 */
export abstract class OwnMetric {
  readonly [OWN_METRIC] = 1;
  readonly aggregator = 'sum';
  abstract readonly type: MetricSnapshot['type'];

  /** @param name A registry that speaks OpenMetrics cuts `_total` off it. */
  constructor(
    public name: string,
    readonly help: string,
    readonly labelNames: readonly string[],
  ) {}

  get(): Promise<MetricSnapshot> {
    const { name, help, type, aggregator } = this;
    return Promise.resolve({ name, help, type, aggregator, values: this.lines() });
  }

  /** Counts from 0 again. */
  abstract reset(): void;

  protected abstract lines(): MetricLine[];
}
