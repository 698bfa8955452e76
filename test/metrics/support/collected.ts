import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';

/** A point of a metric: what it counts, and a histogram's sum and buckets. */
export interface Point {
  readonly attributes: Record<string, unknown>;
  readonly value: number;
  readonly sum: number;
  readonly buckets: { readonly boundaries: number[]; readonly counts: number[] };
}

export type Collected = Record<string, { readonly unit: string; readonly points: Point[] }>;

export interface Sdk {
  readonly provider: MeterProvider;
  /** Collects, and returns what was exported by that. */
  readonly collect: () => Promise<Collected>;
}

/** OpenTelemetry's SDK with its in-memory exporter. */
export function startSdk(
  temporality = AggregationTemporality.CUMULATIVE,
  views: ViewOptions[] = [],
): Sdk {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader], views });
  return {
    provider,
    async collect() {
      exporter.reset();
      await reader.forceFlush();
      const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
      return Object.fromEntries(
        metrics
          .flatMap(({ metrics }) => metrics)
          .map(({ descriptor, dataPoints }) => [
            descriptor.name,
            {
              unit: descriptor.unit,
              points: dataPoints.map(({ attributes, value }: any) => ({
                attributes,
                value: value.count ?? value,
                sum: value.sum ?? value,
                buckets: value.buckets,
              })),
            },
          ]),
      );
    },
  };
}
