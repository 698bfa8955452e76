import type { UsageRecord } from '../../record/index.js';

/**
 * How records get from the application to a storage. On `forRoot` for all storages, on a storage
 * for itself.
 *
 * @publicApi
 */
export interface DeliveryOptions {
  /**
   * Records in one call of `store`, at most.
   * @default 500
   */
  batchSize?: number;
  /**
   * Milliseconds that a record waits for its batch to fill, at most.
   * @default 1000
   */
  flushInterval?: number;
  /**
   * Records that may wait, those under way included; `overflow` says what happens beyond.
   * @default 100_000
   */
  maxPending?: number;
  /**
   * Bytes that waiting records may take, as estimated from their text.
   * @default 67_108_864 (64 MiB)
   */
  maxPendingBytes?: number;
  /**
   * Which record is given up when the queue is full.
   * @default 'drop-oldest'
   */
  overflow?: 'drop-oldest' | 'drop-newest';
  /**
   * Milliseconds that one call of `store` may take before it counts as failed and is repeated.
   * @default 30_000
   */
  storeTimeout?: number;
  /**
   * Milliseconds that a shutdown waits for the queues to drain.
   * @default 10_000
   */
  shutdownTimeout?: number;
  /**
   * Gets each record that a storage refuses for good, or had not taken when the time for a shutdown
   * ran out, with the error.
   * @default none
   */
  deadLetter?: (record: UsageRecord, error: unknown) => void;
}

/** The delivery options with every default filled in. */
export type ResolvedDeliveryOptions = Required<Omit<DeliveryOptions, 'deadLetter'>> &
  Pick<DeliveryOptions, 'deadLetter'>;

/** @publicApi */
export const DEFAULT_DELIVERY_OPTIONS: ResolvedDeliveryOptions = {
  batchSize: 500,
  flushInterval: 1000,
  maxPending: 100_000,
  maxPendingBytes: 64 * 1024 * 1024,
  overflow: 'drop-oldest',
  storeTimeout: 30_000,
  shutdownTimeout: 10_000,
};
