import type { Attributes } from '@opentelemetry/api';
import type { UsageRecord } from '../../record/index.js';
import type { UsageStorage, UsageStorageContext } from '../../storages/contract/usage-storage.js';
import { wholeWeight } from '../../summary/index.js';
import { missingPackage } from '../../support/optional-packages.js';
import { errorTypeOf, isStatusSent, methodOf, schemeOf } from '../shared/http-values.js';
import type { StatsSource } from '../shared/stats-sources.js';
import { instrumentsOf, type Instruments } from './instruments.js';
import {
  openTelemetryOptions,
  OWNER,
  type OpenTelemetryWriterOptions,
  type ResolvedOpenTelemetryOptions,
} from './opentelemetry-writer.options.js';

type Api = typeof import('@opentelemetry/api');

/** Requests that are recorded before the event loop gets its turn. */
const REQUESTS_AT_ONCE = 2000;

/**
 * Counts records in metrics of OpenTelemetry. Needs the package `@opentelemetry/api` alone; the
 * application chooses SDK and exporter. It supports no queries.
 *
 * @example
 * TrackUsageModule.forRoot({ storages: [new SqliteStorage(), new OpenTelemetryWriter()] });
 *
 * @publicApi
 */
export class OpenTelemetryWriter implements UsageStorage {
  readonly name: string;
  private readonly resolved: ResolvedOpenTelemetryOptions;
  private api: Api | null = null;
  private current: Instruments | null = null;
  private source: StatsSource | null = null;

  /** @throws {TrackUsageOptionsError} if an option is invalid. */
  constructor(readonly options: OpenTelemetryWriterOptions = {}) {
    this.name = options.name ?? 'opentelemetry';
    this.resolved = openTelemetryOptions(options);
  }

  /**
   * Loads OpenTelemetry's API.
   *
   * @throws {Error} if `@opentelemetry/api` is not installed.
   */
  async open({ stats }: UsageStorageContext): Promise<void> {
    this.api = await import('@opentelemetry/api').catch(
      missingPackage(OWNER, '@opentelemetry/api'),
    );
    this.source = stats ?? null;
    this.instruments();
  }

  /** Records the requests of each record once. The event loop gets its turn between slices. */
  async store(records: readonly UsageRecord[]): Promise<void> {
    let recorded = 0;
    for (const record of this.recordEach(records)) {
      record();
      if (++recorded % REQUESTS_AT_ONCE === 0)
        await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Does what `store` does, at once. */
  storeSync(records: readonly UsageRecord[]): void {
    for (const record of this.recordEach(records)) record();
  }

  /** Leaves the instruments to their provider, with what was counted. */
  async close(): Promise<void> {
    const { source } = this;
    this.source = null;
    if (source !== null) this.current?.sources.remove(source);
  }

  /**
   * Yields a function for each request, which records it. A sampled record stands for several, and
   * the API takes one at a time.
   */
  private *recordEach(records: readonly UsageRecord[]): Generator<() => void> {
    const { duration, bodySize, ids, consumers } = this.instruments();
    // Batches are stored in no request's context.
    const { ROOT_CONTEXT: context } = this.api!;
    ids.startBatch(records.length);
    for (const record of records) {
      if (!ids.add(record.id)) continue;
      const attributes = this.attributesOf(record);
      if (this.resolved.hasConsumers && record.consumer !== null)
        attributes[this.resolved.names.consumer] = consumers.valueOf(record.consumer);
      const request = () => {
        duration.record(record.speed, attributes, context);
        bodySize.record(record.contentLength, attributes, context);
      };
      for (let left = wholeWeight(record); left > 0; left--) yield request;
    }
  }

  private attributesOf(record: UsageRecord): Attributes {
    const { names } = this.resolved;
    const error = errorTypeOf(record);
    return {
      [names['http.request.method']]: methodOf(record),
      [names['url.scheme']]: schemeOf(record),
      ...(record.route !== null && { [names['http.route']]: record.route }),
      ...(isStatusSent(record) && { [names['http.response.status_code']]: record.status }),
      ...(error !== null && { [names['error.type']]: error }),
    };
  }

  /**
   * The instruments of the provider that is registered now. Those that were made before the
   * application has registered its SDK record nothing, for ever.
   */
  private instruments(): Instruments {
    if (this.api === null) throw new Error(`${OWNER}: call open() before store().`);
    const provider = this.resolved.meterProvider ?? this.api.metrics.getMeterProvider();
    const instruments = instrumentsOf(provider, this.resolved);
    if (instruments !== this.current) {
      if (this.source !== null) {
        this.current?.sources.remove(this.source);
        instruments.sources.add(this.source);
      }
      this.current = instruments;
    }
    return instruments;
  }
}
