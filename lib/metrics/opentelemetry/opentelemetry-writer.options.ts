import type { MeterProvider } from '@opentelemetry/api';
import type { StorageOptions } from '../../storages/contract/usage-storage.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';
import { checkedLabels, type MetricLabelOptions } from '../shared/label-options.js';
import { resolveNames, type NamePattern } from '../shared/metric-names.js';

const METRICS = [
  'http.server.request.duration',
  'http.server.response.body.size',
  'track_usage.records',
  'track_usage.records.waiting',
] as const;

const ATTRIBUTES = [
  'http.request.method',
  'url.scheme',
  'http.route',
  'http.response.status_code',
  'error.type',
  'consumer',
  'storage',
  'state',
  'reason',
] as const;

/**
 * The names of the metrics and attributes of `OpenTelemetryWriter`.
 *
 * @publicApi
 */
export type OpenTelemetryName = (typeof METRICS)[number] | (typeof ATTRIBUTES)[number];

/**
 * The options of `OpenTelemetryWriter`.
 *
 * @publicApi
 */
export interface OpenTelemetryWriterOptions extends StorageOptions, MetricLabelOptions {
  /**
   * The provider of the meter.
   * @default the global one of `@opentelemetry/api`, whenever it is registered
   */
  meterProvider?: MeterProvider;
  /**
   * Other names of metrics and attributes, by the names that they replace:
   * `{ 'http.server.request.duration': 'shop.request.duration' }`.
   * @default the names of OpenTelemetry's semantic conventions
   */
  names?: Partial<Record<OpenTelemetryName, string>>;
}

/** The options with every default filled in. `meterProvider` is null for the global one. */
export interface ResolvedOpenTelemetryOptions {
  readonly meterProvider: MeterProvider | null;
  readonly names: Readonly<Record<OpenTelemetryName, string>>;
  readonly hasConsumers: boolean;
  readonly maxConsumers: number;
}

export const OWNER = 'OpenTelemetryWriter';

const METRIC_NAME: NamePattern = {
  pattern: /^[a-z][-\w./]{0,254}$/i,
  words: 'a name of at most 255 letters, digits, _, ., - and /, which begins with a letter',
};
const ATTRIBUTE_NAME: NamePattern = { pattern: /\S/, words: 'text that is not empty' };

/** @throws {TrackUsageOptionsError} if an option is invalid. */
export function openTelemetryOptions(
  given: OpenTelemetryWriterOptions,
): ResolvedOpenTelemetryOptions {
  // An explicit undefined must not select another provider.
  if ('meterProvider' in given && typeof given.meterProvider?.getMeter !== 'function')
    throw new TrackUsageOptionsError(
      'meterProvider',
      given.meterProvider,
      'a meter provider, such as new MeterProvider()',
      { owner: OWNER },
    );
  const names = resolveNames(given.names, {
    owner: OWNER,
    metrics: METRICS,
    labels: ATTRIBUTES,
    metricName: METRIC_NAME,
    labelName: ATTRIBUTE_NAME,
  });
  return { meterProvider: given.meterProvider ?? null, names, ...checkedLabels(given, OWNER) };
}
