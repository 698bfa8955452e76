import { BODY_SIZE_BOUNDS_BYTES, DURATION_BOUNDS_SECONDS } from '../shared/http-buckets.js';
import { HttpHistogram } from './http-histogram.js';
import { OWN_METRIC, type OwnMetric, type PrometheusRegistry } from './prometheus-registry.js';
import { OWNER, type ResolvedPrometheusOptions } from './prometheus-writer.options.js';
import { RecordCounter, WaitingGauge } from './record-metrics.js';

/** The metrics that a writer adds to. */
export interface RegisteredMetrics {
  readonly duration: HttpHistogram;
  readonly bodySize: HttpHistogram;
  readonly records: RecordCounter;
  readonly waiting: WaitingGauge;
}

/**
 * The writer's metrics in a registry: those of an earlier writer, else new ones.
 *
 * @throws {Error} if the registry has a metric of one of the names that no such writer has made, or
 * one with other labels. Then nothing is registered.
 */
export function registeredMetrics(
  registry: PrometheusRegistry,
  { names, hasConsumers, maxConsumers }: Omit<ResolvedPrometheusOptions, 'registry'>,
): RegisteredMetrics {
  const httpLabels = [
    names.http_request_method,
    names.url_scheme,
    names.http_route,
    names.http_response_status_code,
    names.error_type,
    ...(hasConsumers ? [names.consumer] : []),
  ];
  const found = {
    duration: foundIn(
      registry,
      new HttpHistogram(
        names.http_server_request_duration_seconds,
        'Duration of HTTP server requests, until the last byte of the response.',
        httpLabels,
        DURATION_BOUNDS_SECONDS,
        maxConsumers,
      ),
    ),
    bodySize: foundIn(
      registry,
      new HttpHistogram(
        names.http_server_response_body_size_bytes,
        'Size of HTTP server response bodies as sent.',
        httpLabels,
        BODY_SIZE_BOUNDS_BYTES,
        maxConsumers,
      ),
    ),
    records: foundIn(
      registry,
      new RecordCounter(
        names.track_usage_records_total,
        'Usage records by what became of them in each storage.',
        [names.storage, names.state, names.reason],
      ),
    ),
    waiting: foundIn(
      registry,
      new WaitingGauge(
        names.track_usage_records_waiting,
        'Usage records that wait for each storage.',
        names.storage,
      ),
    ),
  };
  for (const { metric, isNew } of Object.values(found))
    if (isNew) registry.registerMetric(metric as never);
  return {
    duration: found.duration.metric,
    bodySize: found.bodySize.metric,
    records: found.records.metric,
    waiting: found.waiting.metric,
  };
}

/** The registry's metric of that name; the given one if there is none. */
function foundIn<Metric extends OwnMetric>(
  registry: PrometheusRegistry,
  metric: Metric,
): { readonly metric: Metric; readonly isNew: boolean } {
  const { name, labelNames } = metric;
  const there = registry.getSingleMetric(name) as OwnMetric | undefined;
  if (there === undefined) return { metric, isNew: true };
  if (there[OWN_METRIC] !== metric[OWN_METRIC] || there.type !== metric.type)
    throw new Error(
      `${OWNER}: the registry has a metric ${name} already, of another library or of the ` +
        `application. Give this writer's another name: names: { ${name}: '…' }, or give it a ` +
        'registry of its own.',
    );
  if (there.labelNames.join() !== labelNames.join())
    throw new Error(
      `${OWNER}: the registry has the metric ${name} already, of a writer with the labels ` +
        `${there.labelNames.join(', ')}, not ${labelNames.join(', ')}. Give both writers the same ` +
        'labels and names, or registries of their own.',
    );
  return { metric: there as Metric, isNew: false };
}
