export { Delivery, type DeliveryListener, type DeliveryTarget } from './delivery.js';
export { drainOnClose } from './shutdown.js';
export { DeferredBuffer } from './deferred-buffer.js';
export { atProcessEnd, type UnfinishedWork } from './shutdown.js';
export type { JournalOptions } from './journal/journal-options.js';
export type { JournalStats } from './journal/journal-stats.js';
export type { OpenJournal } from './journal/open-journal.js';
export type { DropReason, StorageStats } from '../storages/contract/storage-stats.js';
