import type { UsageRecord } from '../../../record/index.js';
import { isSelective } from '../../base/selective-value.js';
import { WHERE_FIELDS } from '../../contract/usage-query.js';
import type { RedisKeys } from '../format/redis-keys.js';
import { whereLine } from './record-mapper.js';

/** The indexes that records stand in, by key: the numbers of their records. */
export function indexesOf(keys: RedisKeys, records: readonly UsageRecord[]): Map<string, number[]> {
  const indexes = new Map<string, number[]>();
  for (const [number, record] of records.entries()) {
    for (const field of WHERE_FIELDS) {
      const value = record[field];
      if (!isSelective(field, value)) continue;
      const key = keys.by(whereLine(field, value));
      const members = indexes.get(key);
      // From 1, as Lua counts.
      if (members) members.push(number + 1);
      else indexes.set(key, [number + 1]);
    }
  }
  return indexes;
}
