import type { UsageRecord } from '../../../record/index.js';
import { storeError } from '../connection/failures.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import { isMissingPartition, type RecordPartitions } from '../partitions/record-partitions.js';
import type { SumIncrement } from '../summaries/sum-mapper.js';
import { RepeatedRecordsError, type BatchWriter } from './batch-writer.js';
import { RowsOfRecords } from './record-mapper.js';
import type { RecordQueries } from './record-queries.js';
import { withoutStored } from './stored-records.js';

/** Stores those records that are not stored yet, together with their sums. */
export class RecordWriter {
  constructor(
    private readonly engine: SqlEngine,
    private readonly queries: RecordQueries,
    private readonly batches: BatchWriter,
    private readonly partitions: RecordPartitions | null,
    private readonly increments: (records: readonly UsageRecord[]) => SumIncrement[],
  ) {}

  async store(records: readonly UsageRecord[]): Promise<void> {
    const { partitions } = this;
    let fresh = records;
    while (fresh.length > 0) {
      const batch = { rows: new RowsOfRecords(fresh), increments: this.increments(fresh) };
      try {
        await partitions?.ensure(fresh.map(({ date }) => date.getTime()));
        await this.batches.write(batch);
        return;
      } catch (error) {
        if (partitions && isMissingPartition(error)) {
          partitions.forget();
          continue;
        }
        if (!(error instanceof RepeatedRecordsError)) throw storeError(error);
      }
      const given = fresh;
      fresh = await this.engine
        .steps(() => withoutStored(this.queries, given))
        .catch((error: unknown) => {
          throw storeError(error);
        });
    }
  }
}
