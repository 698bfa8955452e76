import { Subject } from 'rxjs';
import type { UsageRecord } from '../record/index.js';
import type { DeclaredRoute } from '../record/route-deprecation.js';
import {
  reportedCounts,
  Summarizer,
  type SummaryHook,
  type SummaryPeriod,
  type UsageCounts,
} from '../summary/index.js';

import { DeprecatedCalls, type DeprecatedCallEvent } from './deprecated-calls.js';

/** What events need to know of a storage. */
export interface EventSource {
  readonly storage: { readonly name: string };
  readonly summaries: readonly SummaryHook[];
}

/** Emits events for stored records and sums. Does no work without subscribers. */
export class UsageEvents {
  readonly records = new Subject<UsageRecord>();
  readonly summaries = new Subject<UsageSummaryEvent>();
  readonly deprecated = new Subject<DeprecatedCallEvent>();
  private readonly summarizers: ReadonlyMap<string, Summarizer>;
  private calls: DeprecatedCalls | null = null;

  constructor(
    sources: readonly EventSource[],
    private readonly timeZone: string,
  ) {
    this.summarizers = new Map(
      sources
        .filter(({ summaries }) => summaries.length > 0)
        .map(({ storage, summaries }) => [storage.name, new Summarizer({ summaries, timeZone })]),
    );
  }

  recordStored(record: UsageRecord): void {
    this.records.next(record);
    if (!this.deprecated.observed) return;
    const event = this.calls?.eventOf(record);
    if (event) this.deprecated.next(event);
  }

  /** Tells which routes are deprecated, once they are registered. */
  watchRoutes(routes: readonly DeclaredRoute[]): void {
    this.calls = new DeprecatedCalls(routes, this.timeZone);
  }

  batchStored(storage: string, batch: readonly { readonly record: UsageRecord }[]): void {
    if (!this.summaries.observed) return;
    const records = batch.map(({ record }) => record);
    for (const increment of this.summarizers.get(storage)?.summarize(records) ?? []) {
      const { dimension, period } = increment;
      const counts = reportedCounts(increment, increment) as Omit<UsageSummaryEvent, 'storage'>;
      this.summaries.next({ ...counts, storage, dimension, period });
    }
  }

  /** Completes the event streams. */
  end(): void {
    this.records.complete();
    this.summaries.complete();
    this.deprecated.complete();
  }
}

/**
 * What one stored batch added to one row of a summary.
 *
 * @publicApi
 */
export interface UsageSummaryEvent extends KnownCounts {
  /** The name of the storage that keeps the row. */
  readonly storage: string;
  /** The name of the summary, such as `route`. */
  readonly dimension: string;
  /** Hour, day or month. */
  readonly period: SummaryPeriod;
  /** First instant of the bucket. */
  readonly date: Date;
  /** The records' own key, even if the storage counts it under `(other)`. */
  readonly key: string;
}

/** The counts of a summary without null, because all measures of a batch are known. */
type KnownCounts = { readonly [Name in keyof UsageCounts]: NonNullable<UsageCounts[Name]> };
