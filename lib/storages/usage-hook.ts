import type { UsageRecord } from '../record/index.js';
import type { SummaryHook } from '../summary/summary-hook.js';
import type { UsageStorage } from './usage-storage.js';

/**
 * Called once for each stored record, in order. What it throws is logged and counted, and harms
 * nothing else.
 *
 * @publicApi
 */
export type UsageHookFunction = (
  record: UsageRecord,
  storage: UsageStorage,
) => void | Promise<void>;

/**
 * What `hooks` takes: functions, summaries such as `sumUrls`, and groups of them such as
 * `sumBasic`.
 *
 * @publicApi
 */
export type UsageHook = UsageHookFunction | SummaryHook | readonly UsageHook[];
