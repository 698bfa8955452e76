import type { UsageRecord } from '../../../record/index.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlScript } from '../sql-statement.js';
import type { RecordQueries } from './record-queries.js';

/**
 * Those of some records that are not stored yet, after one of them could not be inserted because it
 * is.
 */
export function* withoutStored(
  queries: RecordQueries,
  records: readonly UsageRecord[],
): SqlScript<readonly UsageRecord[]> {
  const missingOf = (rows: readonly SqlRow[]) => {
    const stored = new Set(rows.map((row) => row['id']));
    return records.filter(({ id }) => !stored.has(id));
  };
  const missing = missingOf((yield queries.storedAt(records)).rows);
  if (missing.length < records.length) return missing;
  // A table of an earlier version, or with a unique index of the application's, takes an id once,
  // whatever its date.
  return missingOf((yield queries.idsAmong(records.map(({ id }) => id))).rows);
}
