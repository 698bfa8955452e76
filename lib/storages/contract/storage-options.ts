import type { DeliveryOptions } from './delivery-options.js';
import type { UsageHook } from './usage-hook.js';

/**
 * What every storage and writer takes beside options of its own.
 *
 * @publicApi
 */
export interface StorageOptions extends DeliveryOptions {
  /**
   * Unique among the storages of an application.
   * @default the kind, such as `sql`
   */
  name?: string;
  /**
   * Called once for each stored record, in order; summaries among them are kept with the records.
   * @default none
   */
  hooks?: readonly UsageHook[];
  /**
   * Distinct keys for each dimension and bucket; the rest counts under `(other)`.
   * @default the module's `maxKeys`
   */
  maxKeys?: number;
}
