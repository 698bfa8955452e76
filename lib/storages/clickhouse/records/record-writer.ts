import type { UsageRecord } from '../../../record/index.js';
import { hoursOf } from '../../base/uncounted-hours.js';
import type { ClickHouseDatabase, Row } from '../connection/clickhouse-database.js';
import type { KeyColumns } from '../format/key-columns.js';
import type { Tables } from '../format/tables.js';
import { RECORD_NAMES, SUM_NAMES, valuesOfRecord, type RecordSummarizer } from './record-mapper.js';
import { MAX_WRITE_SECONDS, type WriteNotes } from './write-notes.js';

const SETTINGS = {
  max_execution_time: MAX_WRITE_SECONDS,
  // Records of any dates may come at once.
  max_partitions_per_insert_block: 0,
  distributed_foreground_insert: 1,
};

/** Writes records, each with what it adds to the sums. */
export class RecordWriter {
  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
    private readonly summarizer: RecordSummarizer,
    private readonly columns: KeyColumns,
    private readonly writes: WriteNotes,
  ) {}

  /** @param records With distinct ids. One that is stored already changes nothing. */
  async store(records: readonly UsageRecord[]): Promise<void> {
    if (records.length === 0) return;
    const { summarizer, columns } = this;
    const beginning = this.writes.begin(hoursOf(records));
    // It is awaited once the rows are made.
    beginning.catch(() => {});
    const rows = records.map((record) => {
      const row = valuesOfRecord(record);
      const { counts, keys } = summarizer.sumsOf(record);
      row.push(...counts, ...keys);
      return row;
    });
    const keys = summarizer.dimensions.map((dimension) => columns.of(dimension)!);
    const end = await beginning;
    await this.insert([...RECORD_NAMES, ...SUM_NAMES, ...keys], rows);
    end();
  }

  /** Inserts rows of the records' table. Notes nothing. */
  async insert(columns: readonly string[], rows: readonly Row[]): Promise<void> {
    await this.database.insert(this.tables.path('records'), columns, rows, SETTINGS);
  }
}
