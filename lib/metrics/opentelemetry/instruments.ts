import type { Histogram, MeterProvider } from '@opentelemetry/api';
import { ConsumerCap } from '../shared/consumer-cap.js';
import { BODY_SIZE_BOUNDS_BYTES, DURATION_BOUNDS_SECONDS } from '../shared/http-buckets.js';
import { RecentIds } from '../shared/recent-ids.js';
import { StatsSources } from '../shared/stats-sources.js';
import type { ResolvedOpenTelemetryOptions } from './opentelemetry-writer.options.js';

/** The instruments of one provider, shared by all writers with the same options. */
export interface Instruments {
  readonly duration: Histogram;
  readonly bodySize: Histogram;
  /** Where the counts of records are observed. */
  readonly sources: StatsSources;
  readonly ids: RecentIds;
  readonly consumers: ConsumerCap;
}

type ByOptions = Map<string, Instruments>;

// Every copy of the library uses the same instruments, as after a hot reload.
const BY_PROVIDER = Symbol.for('nestjs-track-usage:opentelemetry-instruments');

/** The provider's instruments: those of an earlier writer, else new ones. */
export function instrumentsOf(
  provider: MeterProvider,
  options: Omit<ResolvedOpenTelemetryOptions, 'meterProvider'>,
): Instruments {
  const shared = globalThis as { [BY_PROVIDER]?: WeakMap<MeterProvider, ByOptions> };
  const providers = (shared[BY_PROVIDER] ??= new WeakMap());
  const byOptions = providers.get(provider) ?? new Map<string, Instruments>();
  providers.set(provider, byOptions);
  const key = JSON.stringify([options.names, options.hasConsumers]);
  const instruments = byOptions.get(key) ?? newInstruments(provider, options);
  byOptions.set(key, instruments);
  return instruments;
}

function newInstruments(
  provider: MeterProvider,
  { names, maxConsumers }: Omit<ResolvedOpenTelemetryOptions, 'meterProvider'>,
): Instruments {
  const meter = provider.getMeter('nestjs-track-usage');
  const sources = new StatsSources();
  meter
    .createObservableCounter(names['track_usage.records'], {
      description: 'Usage records by what became of them in each storage.',
      unit: '{record}',
    })
    .addCallback((result) => {
      for (const { storage, state, reason, value } of sources.counts())
        result.observe(value, {
          [names.storage]: storage,
          [names.state]: state,
          ...(reason !== null && { [names.reason]: reason }),
        });
    });
  meter
    .createObservableUpDownCounter(names['track_usage.records.waiting'], {
      description: 'Usage records that wait for each storage.',
      unit: '{record}',
    })
    .addCallback((result) => {
      for (const { storage, value } of sources.waiting())
        result.observe(value, { [names.storage]: storage });
    });
  return {
    duration: meter.createHistogram(names['http.server.request.duration'], {
      description: 'Duration of HTTP server requests.',
      unit: 's',
      advice: { explicitBucketBoundaries: [...DURATION_BOUNDS_SECONDS] },
    }),
    bodySize: meter.createHistogram(names['http.server.response.body.size'], {
      description: 'Size of HTTP server response bodies.',
      unit: 'By',
      advice: { explicitBucketBoundaries: [...BODY_SIZE_BOUNDS_BYTES] },
    }),
    sources,
    ids: new RecentIds(),
    consumers: new ConsumerCap(maxConsumers),
  };
}
