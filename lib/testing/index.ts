/**
 * The contract that every storage passes, and records for tests.
 *
 * @module nestjs-track-usage/testing
 */
export { MemoryStorage, type MemoryStorageOptions } from '../storages/memory/memory.storage.js';
export { STORAGE_FEATURES, type StorageFeature } from './contract/features.js';
export {
  storageContract,
  type StorageSubject,
  type TestTools,
} from './contract/storage-contract.js';
export { makeRecord, makeRecords } from './make-record.js';
