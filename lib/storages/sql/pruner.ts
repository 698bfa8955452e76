import { setImmediate as turn } from 'node:timers/promises';
import type { UsageRecord } from '../../record/index.js';
import type { SummaryPeriod } from '../../summary/index.js';
import type { SqlEngine } from './engines/sql-engine.js';
import type { SqlLayout } from './layout/sql-layout.js';
import type { RecordPartitions } from './partitions/record-partitions.js';
import { positionOfRow } from './records/record-position.js';
import { RecordQueries } from './records/record-queries.js';
import { pruneSums } from './summaries/prune-sums.js';

const ROWS_AT_ONCE = 500;

/** Deletes old data, the oldest first, in steps that hold locks only briefly. */
export class Pruner {
  constructor(
    private readonly engine: SqlEngine,
    private readonly layout: SqlLayout,
    private readonly partitions: RecordPartitions | null,
  ) {}

  async pruneRecords(before: number): Promise<number> {
    const queries = new RecordQueries(this.layout.records);
    for (let count = (await this.partitions?.dropBefore(before)) ?? 0; ; await turn()) {
      const rows = await this.engine.read(queries.oldest(before, ROWS_AT_ONCE));
      if (rows.length === 0) return count;
      const oldest = rows.map(positionOfRow);
      count += await this.engine.transaction(function* () {
        return (yield queries.delete(oldest)).changes;
      });
    }
  }

  async deleteRecords(records: readonly UsageRecord[]): Promise<number> {
    const queries = new RecordQueries(this.layout.records);
    return this.engine.transaction(function* () {
      return (yield queries.delete(records)).changes;
    });
  }

  pruneSums(period: SummaryPeriod, before: number): Promise<number> {
    return pruneSums(this.engine, this.layout, period, before);
  }
}
