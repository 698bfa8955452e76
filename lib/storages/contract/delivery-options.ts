import type { UsageRecord } from '../../record/index.js';
import {
  isCount,
  isFunction,
  isMilliseconds,
  isOneOf,
  type OptionTable,
} from '../../support/option-checks.js';

/**
 * How records are delivered to a storage. On `forRoot` for all storages, or on a storage for that
 * storage alone.
 *
 * @publicApi
 */
export interface DeliveryOptions {
  /**
   * The most records in one call of `store`.
   * @default 500
   */
  batchSize?: number;
  /**
   * The longest time that a record waits for its batch to fill, in milliseconds.
   * @default 1000
   */
  flushInterval?: number;
  /**
   * The most pending records, those in flight included. `overflow` says which record is dropped
   * beyond.
   * @default 100_000
   */
  maxPending?: number;
  /**
   * The most bytes of pending records, estimated from their text. The default is 64 MiB.
   * @default 67_108_864
   */
  maxPendingBytes?: number;
  /**
   * Which record is dropped when the queue is full.
   * @default 'drop-oldest'
   */
  overflow?: 'drop-oldest' | 'drop-newest';
  /**
   * The longest time that one call of `store` may take, in milliseconds. After it the call counts
   * as failed and is repeated.
   * @default 30_000
   */
  storeTimeout?: number;
  /**
   * The longest time that a shutdown waits for the queues to drain, in milliseconds.
   * @default 10_000
   */
  shutdownTimeout?: number;
  /**
   * Called with each record that the storage rejects permanently, or has not stored when
   * `shutdownTimeout` ends, and with the error.
   * @default none
   */
  deadLetter?: (record: UsageRecord, error: unknown) => void;
}

/** The delivery options with every default filled in. */
export type ResolvedDeliveryOptions = Required<Omit<DeliveryOptions, 'deadLetter'>> &
  Pick<DeliveryOptions, 'deadLetter'>;

/** Checks, defaults and units of the delivery options, for the module and for storages. */
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
 * The delivery options that apply if neither the module nor the storage sets them.
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
