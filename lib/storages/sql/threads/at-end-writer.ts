import type { UsageRecord } from '../../../record/index.js';
import { hoursOf } from '../../base/uncounted-hours.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { BucketTable, SqlLayout } from '../layout/sql-layout.js';
import { RowsOfRecords } from '../records/record-mapper.js';
import { RecordQueries } from '../records/record-queries.js';
import { EngineWriter, RepeatedRecordsError } from '../records/batch-writer.js';
import { withoutStored } from '../records/stored-records.js';
import { inOneTurn, isBusy, runThrough, type SqliteHandle } from '../sqlite/sqlite-handle.js';
import { noteUncountedHours } from '../summaries/coverage-notes.js';
import type { SumIncrement } from '../summaries/sum-mapper.js';

/** How long an ending process waits for another writer, such as its own thread. */
const BUSY_TIMEOUT_MS = 3000;
const WAIT_MS = 20;

/**
 * Writes to an SQLite file while the process ends. It blocks this thread while another writer holds
 * the lock.
 */
export class AtEndWriter {
  private readonly writer: EngineWriter;
  private readonly queries: RecordQueries;
  private readonly buckets: BucketTable;
  private handle: SqliteHandle | null = null;

  constructor(
    private readonly open: () => SqliteHandle,
    engine: SqlEngine,
    layout: SqlLayout,
    maxKeys: number,
    private readonly increments: (records: readonly UsageRecord[]) => SumIncrement[],
    /** Whether sums are kept. If not, the hours of records are noted. */
    private readonly isCounting: boolean,
  ) {
    this.buckets = layout.buckets;
    this.writer = new EngineWriter(engine, layout, maxKeys);
    this.queries = new RecordQueries(layout.records);
  }

  write(records: readonly UsageRecord[]): void {
    const deadline = performance.now() + BUSY_TIMEOUT_MS;
    for (let fresh = records; fresh.length > 0;) {
      try {
        const handle = (this.handle ??= this.open());
        if (!this.isCounting)
          inOneTurn(handle, () => noteUncountedHours(this.buckets, hoursOf(fresh)));
        const batch = { rows: new RowsOfRecords(fresh), increments: this.increments(fresh) };
        this.writer.writeAtOnce(handle, batch);
        return;
      } catch (error) {
        // A batch in flight may be stored already.
        if (error instanceof RepeatedRecordsError)
          fresh = runThrough(this.handle!, withoutStored(this.queries, fresh));
        else if (!isBusy(error) || performance.now() > deadline) throw error;
        else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
      }
    }
  }
}
