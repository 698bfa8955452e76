import type { UsageRecord } from '../../record/index.js';
import type { UsageStorage, UsageStorageContext } from '../../storages/contract/usage-storage.js';
import { keyOf, NO_KEY, wholeWeight } from '../../summary/index.js';
import { defaultExport, missingPackage } from '../../support/optional-packages.js';
import { errorTypeOf, methodOf, schemeOf } from '../shared/http-values.js';
import type { StatsSource } from '../shared/stats-sources.js';
import type { Exemplar, LabelValues, PrometheusRegistry } from './prometheus-registry.js';
import {
  OWNER,
  prometheusOptions,
  type PrometheusWriterOptions,
  type ResolvedPrometheusOptions,
} from './prometheus-writer.options.js';
import { registeredMetrics, type RegisteredMetrics } from './registered-metrics.js';

/**
 * Counts records in metrics of `prom-client`, which Prometheus scrapes. Needs the package
 * `prom-client`. It supports no queries.
 *
 * @example
 * new PrometheusWriter({ labels: { consumer: true }, names: { http_route: 'route' } });
 *
 * @publicApi
 */
export class PrometheusWriter implements UsageStorage {
  readonly name: string;
  private readonly resolved: ResolvedPrometheusOptions;
  private metrics: RegisteredMetrics | null = null;
  private source: StatsSource | null = null;

  /** @throws {TrackUsageOptionsError} if an option is invalid. */
  constructor(readonly options: PrometheusWriterOptions = {}) {
    this.name = options.name ?? 'prometheus';
    this.resolved = prometheusOptions(options);
  }

  /**
   * Registers the metrics, or uses those that an earlier writer has registered.
   *
   * @throws {Error} if `prom-client` is not installed, or the registry has a metric of the same
   * name that is not this library's or has other labels.
   */
  async open({ stats }: UsageStorageContext): Promise<void> {
    const registry = this.resolved.registry ?? (await defaultRegistry());
    this.metrics = registeredMetrics(registry, this.resolved);
    if (stats === undefined) return;
    this.source = stats;
    for (const { sources } of [this.metrics.records, this.metrics.waiting]) sources.add(stats);
  }

  /** Counts the records, each once. */
  async store(records: readonly UsageRecord[]): Promise<void> {
    this.storeSync(records);
  }

  /** Does what `store` does. */
  storeSync(records: readonly UsageRecord[]): void {
    if (this.metrics === null) throw new Error(`${OWNER}: call open() before store().`);
    const { duration, bodySize } = this.metrics;
    for (const histogram of [duration, bodySize]) histogram.startBatch(records.length);
    for (const record of records) {
      const values = this.labelValues(record, duration);
      const shared = {
        id: record.id,
        key: values.join('\n'),
        labels: () => labelled(duration.labelNames, values),
        weight: wholeWeight(record),
      };
      const { speed, contentLength } = record;
      const exemplar = this.exemplarOf(record, speed);
      duration.observe({ ...shared, value: speed, exemplar });
      bodySize.observe({
        ...shared,
        value: contentLength,
        exemplar: exemplar && { ...exemplar, value: contentLength },
      });
    }
  }

  /** Leaves the metrics in the registry, with what was counted. */
  async close(): Promise<void> {
    const { metrics, source } = this;
    this.source = null;
    if (metrics === null || source === null) return;
    for (const { sources } of [metrics.records, metrics.waiting]) sources.remove(source);
  }

  /** The values of the labels, in the order of their names; null for a label that is left out. */
  private labelValues(record: UsageRecord, { consumers }: RegisteredMetrics['duration']) {
    const values: (string | null)[] = [
      methodOf(record),
      schemeOf(record),
      keyOf(record.route) ?? NO_KEY,
      String(record.status),
      errorTypeOf(record),
    ];
    if (this.resolved.hasConsumers) values.push(consumers.valueOf(record.consumer));
    return values;
  }

  private exemplarOf({ traceId, date }: UsageRecord, speed: number): Exemplar | undefined {
    if (traceId === null) return undefined;
    return {
      labelSet: { [this.resolved.names.trace_id]: traceId },
      value: speed,
      timestamp: date.getTime() / 1000 + speed,
    };
  }
}

function labelled(names: readonly string[], values: readonly (string | null)[]): LabelValues {
  return Object.fromEntries(
    names.flatMap((name, at) => {
      const value = values[at];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

async function defaultRegistry(): Promise<PrometheusRegistry> {
  const loaded = await import('prom-client').catch(missingPackage(OWNER, 'prom-client'));
  return defaultExport(loaded).register;
}
