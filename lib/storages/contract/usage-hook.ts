import type { Type } from '@nestjs/common';
import type { UsageRecord } from '../../record/index.js';
import type { SummaryHook } from '../../summary/summary-hook.js';
import type { UsageStorage } from './usage-storage.js';

/**
 * Called once for each stored record, in order. What it throws is logged and counted, and harms
 * nothing else. A promise is not waited for.
 *
 * @publicApi
 */
export type UsageHookFunction = (
  record: UsageRecord,
  storage: UsageStorage,
) => void | Promise<void>;

/**
 * A hook as an object, or as the instances of an injectable class.
 *
 * @publicApi
 */
export interface UsageHookHandler {
  onRecord: UsageHookFunction;
}

/**
 * What `hooks` takes: functions, objects and injectable classes with `onRecord`, summaries such
 * as `sumUrls`, and groups of hooks such as `sumBasic`.
 *
 * @publicApi
 */
export type UsageHook =
  | UsageHookFunction
  | UsageHookHandler
  | Type<UsageHookHandler>
  | SummaryHook
  | readonly UsageHook[];
