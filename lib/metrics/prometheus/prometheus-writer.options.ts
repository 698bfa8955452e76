import type { StorageOptions } from '../../storages/contract/usage-storage.js';
import { resolveNames } from '../shared/metric-names.js';
import { checkedLabels, type MetricLabelOptions } from '../shared/label-options.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';
import type { PrometheusRegistry } from './prometheus-registry.js';

const METRICS = [
  'http_server_request_duration_seconds',
  'http_server_response_body_size_bytes',
  'track_usage_records_total',
  'track_usage_records_waiting',
] as const;

const LABELS = [
  'http_request_method',
  'url_scheme',
  'http_route',
  'http_response_status_code',
  'error_type',
  'consumer',
  'storage',
  'state',
  'reason',
  'trace_id',
] as const;

/**
 * The names of the metrics and labels of `PrometheusWriter`. `trace_id` is the label of exemplars.
 *
 * @publicApi
 */
export type PrometheusName = (typeof METRICS)[number] | (typeof LABELS)[number];

/**
 * The options of `PrometheusWriter`.
 *
 * @publicApi
 */
export interface PrometheusWriterOptions extends StorageOptions, MetricLabelOptions {
  /**
   * The registry of `prom-client` that gets the metrics.
   * @default the default registry of `prom-client`
   */
  registry?: PrometheusRegistry;
  /**
   * Other names of metrics and labels, by the names that they replace:
   * `{ http_route: 'path' }`.
   * @default the names of OpenTelemetry's semantic conventions
   */
  names?: Partial<Record<PrometheusName, string>>;
}

/** The options with every default filled in. `registry` is null for the default one. */
export interface ResolvedPrometheusOptions {
  readonly registry: PrometheusRegistry | null;
  readonly names: Readonly<Record<PrometheusName, string>>;
  readonly hasConsumers: boolean;
  readonly maxConsumers: number;
}

export const OWNER = 'PrometheusWriter';

/** @throws {TrackUsageOptionsError} if an option is invalid. */
export function prometheusOptions(given: PrometheusWriterOptions): ResolvedPrometheusOptions {
  // An explicit undefined must not select another registry.
  if ('registry' in given && !isRegistry(given.registry))
    throw new TrackUsageOptionsError(
      'registry',
      given.registry,
      'a registry of prom-client, such as new Registry()',
      { owner: OWNER },
    );
  const names = resolveNames(given.names, {
    owner: OWNER,
    metrics: METRICS,
    labels: LABELS,
    metricName: {
      pattern: /^[a-zA-Z_:][a-zA-Z0-9_:]*$/,
      words: 'a name of letters, digits, _ and :, which does not begin with a digit',
    },
    labelName: {
      pattern: /^(?!le$|quantile$|__)[a-zA-Z_][a-zA-Z0-9_]*$/,
      words:
        'a name of letters, digits and _, which begins neither with a digit nor with __, and is ' +
        'neither le nor quantile',
    },
  });
  return { registry: given.registry ?? null, names, ...checkedLabels(given, OWNER) };
}

function isRegistry(value: unknown): value is PrometheusRegistry {
  const registry = value as Partial<PrometheusRegistry> | null | undefined;
  return (
    typeof registry === 'object' &&
    typeof registry?.registerMetric === 'function' &&
    typeof registry.getSingleMetric === 'function'
  );
}
