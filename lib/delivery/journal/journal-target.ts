import type { ResolvedDeliveryOptions } from '../../storages/contract/delivery-options.js';
import type { QueuedRecord } from '../record-queue.js';
import type { StorageIdentity } from './segment-lines.js';

/** A storage as the journal knows it. */
export interface JournalTarget {
  readonly identity: StorageIdentity;
  readonly overflow: ResolvedDeliveryOptions['overflow'];
}

/** What the journal tells a storage's channel. */
export interface JournalListener {
  /** An earlier process has left so many records for the storage. They wait now. */
  found(count: number): void;
  /** So many waiting records are dropped. */
  dropped(count: number, reason: 'overflow' | 'unreadable'): void;
  /** There may be something to read. */
  readable(): void;
}

/** A record, and the indexes of its storages; null: all. */
export interface JournalItem {
  readonly item: QueuedRecord;
  readonly targets: readonly number[] | null;
}
