export { Delivery, type DeliveryTarget } from './delivery.js';
export { Intake } from './intake.js';
export type { DropReason, StorageStats } from './storage-stats.js';
