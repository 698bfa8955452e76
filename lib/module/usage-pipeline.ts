import type { CapturedRequest, CaptureSink } from '../record/captured-request.js';
import { FailureLog } from '../support/failure-log.js';
import { RoutePatterns } from '../capture/http/route-patterns.js';
import {
  atProcessEnd,
  Delivery,
  DeferredBuffer,
  type JournalStats,
  type OpenJournal,
  type StorageStats,
  type UnfinishedWork,
} from '../delivery/index.js';
import { EnrichmentStage, RecordBuilder, type ClientLookup } from '../enrichment/index.js';
import { UsageEvents } from '../events/usage-events.js';
import { personalNotice } from '../retention/personal-notice.js';
import { Retention } from '../retention/retention.js';
import { usageLogger } from '../support/usage-logger.js';
import { DEFAULT_DELIVERY_OPTIONS } from '../storages/contract/delivery-options.js';
import type { OpenedStorage } from './open-storages.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { type TrackUsageModuleOptions, TRACK_USAGE_OPTIONS } from './track-usage.options.js';
import { withTimeLimit } from '../support/time-limit.js';

/**
 * What a process that is killed may have answered and not written, though a turn of the event loop
 * takes longer: of a process that has just started, one with many requests takes 20 ms.
 */
const MAX_UNWRITTEN_MS = 2;

/** Passes each record from capture through enrichment to delivery. */
export class UsagePipeline implements UnfinishedWork {
  readonly storages: readonly UsageStorage[];
  /** IANA name of the time zone of summaries and reports. */
  readonly timeZone: string;
  readonly events: UsageEvents;
  readonly retention: Retention;
  /** Erases subjects from the journal; null without it. */
  readonly subjects: OpenJournal['journal']['subjects'] | null;
  /** The application's routes. Capture adds them; enrichment uses them to find secrets in paths. */
  readonly routes = new RoutePatterns();
  private readonly enrichment: EnrichmentStage;
  private readonly delivery: Delivery;
  private readonly buffer: DeferredBuffer<CapturedRequest>;
  /** Milliseconds. */
  readonly flushTimeoutMs: number;
  private readonly logger = usageLogger();
  private readonly removeExitListener: () => void;

  constructor(
    options: TrackUsageModuleOptions,
    opened: readonly OpenedStorage[],
    readonly clients: ClientLookup,
    journal: OpenJournal | null,
  ) {
    this.storages = opened.map(({ storage }) => storage);
    const { logger } = this;
    const failures = new FailureLog(logger);
    this.timeZone = options.timeZone ?? TRACK_USAGE_OPTIONS.timeZone.default;
    this.events = new UsageEvents(opened, this.timeZone);
    this.retention = new Retention(options.retention ?? {}, this.storages, logger);
    const notice = personalNotice(
      options.retention ?? {},
      opened.map(({ storage, summaries }) => ({
        storage: storage.name,
        dimensions: summaries.map(({ dimension }) => dimension),
      })),
    );
    if (notice !== null) logger.log(notice);
    this.delivery = new Delivery(opened, logger, this.events, journal);
    this.subjects = journal && journal.journal.subjects;
    if (this.subjects) this.subjects.flush = () => this.flush();
    const builder = new RecordBuilder(
      options,
      {
        dropped: (captured, reason, error) => this.delivery.drop(captured.storages, reason, error),
        failed: (part, error) =>
          failures.once(`${part} failed; the record is kept without it.`, error),
      },
      this.routes,
    );
    this.enrichment = new EnrichmentStage(builder, clients, (record, captured) =>
      this.delivery.record(record, captured.storages),
    );
    this.buffer = new DeferredBuffer(
      (captured) => this.enrichment.enrich(captured),
      journal && { waitMs: MAX_UNWRITTEN_MS, written: () => this.delivery.write() },
    );
    if (journal)
      journal.journal.writeWaiting = () => {
        this.buffer.flush();
        this.delivery.write();
      };
    this.flushTimeoutMs = options.shutdownTimeout ?? DEFAULT_DELIVERY_OPTIONS.shutdownTimeout;
    this.removeExitListener = atProcessEnd(this);
  }

  endProcess(): void {
    this.buffer.flush();
    const { pending } = this.enrichment;
    if (pending > 0)
      this.logger.error(
        `${pending} usage records are dropped: the process ends before their clients were looked up.`,
      );
    this.delivery.endProcess();
  }

  /** Receives captured requests. Never throws and never waits. */
  get sink(): CaptureSink {
    return this.buffer.add;
  }

  async flush(timeout = this.flushTimeoutMs): Promise<boolean> {
    const start = performance.now();
    await this.finishEnrichment(timeout);
    return this.delivery.flush(Math.max(0, timeout - (performance.now() - start)));
  }

  stats(): Record<string, StorageStats> {
    return this.delivery.stats();
  }

  /** The counts of the journal; undefined without it. */
  journalStats(): JournalStats | undefined {
    return this.delivery.journalStats();
  }

  /** Sends what earlier processes have left in the journal: the application has started. */
  replay(): void {
    this.delivery.replay();
  }

  /** Sends every record at once from now on: a shutdown has begun. */
  drain(): void {
    this.buffer.flush();
    this.delivery.drain();
  }

  /** Stores waiting records, drops those that cannot be stored in time, and closes the storages. */
  async shutdown(): Promise<void> {
    this.retention.stop();
    await this.finishEnrichment(this.flushTimeoutMs);
    await this.delivery.shutdown();
    this.removeExitListener();
    this.clients.close();
    this.events.end();
  }

  /** Resolves when all requests captured so far are enriched, or after `timeout` milliseconds. */
  private async finishEnrichment(timeout: number): Promise<void> {
    this.buffer.flush();
    if (this.enrichment.pending === 0) return;
    await withTimeLimit(this.enrichment.settled(), timeout, () => {});
  }
}
