import type { UsageRecord } from '../../record/index.js';
import {
  isCount,
  isFunction,
  isMilliseconds,
  isOneOf,
  type OptionTable,
} from '../../support/option-checks.js';

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
   * Bytes that waiting records may take, as estimated from their text: 64 MiB by default.
   * @default 67_108_864
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

/** The delivery options, of the module and of a storage alike. */
export const DELIVERY_OPTIONS = {
  batchSize: { check: isCount, default: 500, unit: 'records' },
  flushInterval: { check: isMilliseconds, default: 1000, unit: 'ms' },
  maxPending: { check: isCount, default: 100_000, unit: 'records' },
  maxPendingBytes: { check: isCount, default: 64 * 1024 * 1024, unit: 'bytes' },
  overflow: { check: isOneOf('drop-oldest', 'drop-newest'), default: 'drop-oldest' },
  storeTimeout: { check: isMilliseconds, default: 30_000, unit: 'ms' },
  shutdownTimeout: { check: isMilliseconds, default: 10_000, unit: 'ms' },
  deadLetter: { check: isFunction },
} as const satisfies OptionTable<DeliveryOptions>;

/**
 * The delivery options that apply where neither the module nor the storage sets them.
 *
 * @publicApi
 */
export const DEFAULT_DELIVERY_OPTIONS: ResolvedDeliveryOptions = {
  batchSize: DELIVERY_OPTIONS.batchSize.default,
  flushInterval: DELIVERY_OPTIONS.flushInterval.default,
  maxPending: DELIVERY_OPTIONS.maxPending.default,
  maxPendingBytes: DELIVERY_OPTIONS.maxPendingBytes.default,
  overflow: DELIVERY_OPTIONS.overflow.default,
  storeTimeout: DELIVERY_OPTIONS.storeTimeout.default,
  shutdownTimeout: DELIVERY_OPTIONS.shutdownTimeout.default,
};
