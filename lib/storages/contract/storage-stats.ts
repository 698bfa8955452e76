/** All reasons for dropping a record. */
export const DROP_REASONS = [
  'overflow',
  'refused',
  'shutdown',
  'closed',
  'anonymize',
  'enrichment',
  'unreadable',
] as const;

/**
 * Why a record was dropped. `overflow`: the queue was full. `refused`: the storage rejected it, but
 * accepted other records. `shutdown`: the time for draining ran out. `closed`: it arrived after
 * that. `anonymize`: that function failed, and the record must not be stored unchanged.
 * `enrichment`: the record could not be built. `unreadable`: the journal had it alone, and its line
 * was damaged.
 *
 * @publicApi
 */
export type DropReason = (typeof DROP_REASONS)[number];

/**
 * The counts of one storage. `seen = stored + waiting + the sum of dropped` at every moment.
 *
 * @publicApi
 */
export interface StorageStats {
  /** Records meant for this storage. */
  readonly seen: number;
  /** Records that the storage has acknowledged. */
  readonly stored: number;
  /** Records that are neither stored nor dropped, those in flight included. */
  readonly waiting: number;
  /** Records in the current call of `store`. */
  readonly inFlight: number;
  /** Calls of `store` that repeated one that had failed. */
  readonly retried: number;
  /** Dropped records by reason. A reason that never occurred is absent. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  /** Milliseconds that the oldest waiting record has waited; null if none waits. */
  readonly oldestWaiting: number | null;
  /** Calls of the storage's hooks that failed. */
  readonly hookFailures: number;
  /**
   * The last failure of `store`; null if there was none. The message is the driver's and may name
   * hosts and tables, so do not publish it. `isOutage`: no record caused the failure.
   */
  readonly lastError: {
    /** When it failed. */
    readonly date: Date;
    /** What the storage said. */
    readonly message: string;
    /** Whether the storage was away: no record caused it. */
    readonly isOutage: boolean;
  } | null;
  /** When `store` last succeeded; null if it never did. */
  readonly lastSuccess: Date | null;
}
