import { Slice } from '../../support/slice.js';
import {
  isCombined,
  NO_KEY,
  OTHER_KEY,
  type BucketSpan,
  type Summarizer,
  type SummaryPeriod,
} from '../../summary/index.js';
import { ErasedRows } from '../base/erased-rows.js';
import { keysNaming, recordsOf } from '../base/eraser.js';
import type { ParsedSubject } from '../base/parse-subject.js';
import type { ClickHouseDatabase } from './connection/clickhouse-database.js';
import { literal } from './format/clickhouse-text.js';
import type { KeyColumns } from './format/key-columns.js';
import type { Tables } from './format/tables.js';
import { RECORD_TABLE } from './records/record-filters.js';
import type { RecordReader } from './records/record-reader.js';
import type { WriteNotes } from './records/write-notes.js';
import type { HourCounter } from './summaries/hour-counter.js';
import type { SumReader } from './summaries/sum-reader.js';

/** Keys that one statement names. */
const KEYS_AT_ONCE = 1000;

/**
 * Erases a subject. Deleting its records also removes what they add to sums. In stored rows, whose
 * records have been pruned, its keys are replaced by `(other)`. The server rewrites the files that
 * held them, and deletes the old ones some minutes later (`old_parts_lifetime`).
 */
export class Eraser {
  readonly correctsAll = true;

  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
    private readonly columns: KeyColumns,
    private readonly records: RecordReader,
    private readonly sums: SumReader,
    private readonly writes: WriteNotes,
    private readonly hours: HourCounter,
    private readonly summarizer: Summarizer,
  ) {}

  /** The dimensions of stored rows, and those whose keys records have. */
  async dimensions(): Promise<string[]> {
    await this.columns.read();
    return [...new Set([...this.columns.dimensions, ...(await this.sums.archivedDimensions())])];
  }

  /** @returns The number of the subject's deleted records. */
  async forget(subject: ParsedSubject): Promise<number> {
    const erased = new ErasedRows(subject, this.summarizer, {});
    const count = await this.hours.around(async (release) => {
      const deleted = await this.deleteRecords(subject, release);
      await release(await this.spansNaming(erased));
      return deleted;
    });
    for (const dimension of await this.sums.archivedDimensions()) {
      if (!erased.isNamedIn(dimension)) continue;
      const keys = await keysNaming(this.sums, dimension, erased);
      await this.fold(
        `dimension = ${literal(dimension)} AND key IN (${[...keys].map(literal).join(', ')})`,
      );
    }
    return count;
  }

  /** @returns The number of stored rows that were folded. Records are folded when they are read. */
  async foldKeys(dimension: string, period: SummaryPeriod, before: number): Promise<number> {
    return this.fold(
      `dimension = ${literal(dimension)} AND period = ${literal(period)} ` +
        `AND bucket < ${before} AND key NOT IN (${literal(NO_KEY)}, ${literal(OTHER_KEY)})`,
    );
  }

  private async deleteRecords(
    subject: ParsedSubject,
    release: (hours: readonly BucketSpan[]) => Promise<void>,
  ): Promise<number> {
    const own = `${RECORD_TABLE.column(subject.field)} = ${literal(subject.value)}`;
    let count = 0;
    do {
      const found = await this.records.count(recordsOf(subject));
      if (found === 0) continue;
      count += found;
      const hours = await this.database.rows(
        `SELECT DISTINCT sum_hour FROM ${this.tables.path('records')} WHERE ${own}`,
      );
      await release(hours.map(([hour]) => ({ start: Number(hour), end: Number(hour) + 1 })));
      await this.tables.alter(this.database, 'records', `DELETE WHERE ${own}`);
      // A rebuild may write records anew that it has read before.
    } while (await this.writes.settle(await this.writes.now()));
    return count;
  }

  /**
   * The hours and days whose rows still name a subject: an erasure that failed may have deleted its
   * records alone.
   */
  private async spansNaming(erased: ErasedRows): Promise<BucketSpan[]> {
    const { calendar } = this.summarizer;
    const spans: BucketSpan[] = [];
    for (const [table, unit] of [
      ['hours', 'hour'],
      ['days', 'day'],
    ] as const) {
      const path = this.tables.path(table);
      const dimensions = await this.database.rows(`SELECT DISTINCT dimension FROM ${path}`);
      for (const [dimension] of dimensions as [string][]) {
        if (!erased.isNamedIn(dimension)) continue;
        const own = `dimension = ${literal(dimension)}`;
        const keys = isCombined(dimension)
          ? await this.keysNaming(
              `SELECT DISTINCT key FROM ${path} WHERE ${own} AND (key = ${literal(erased.key)} ` +
                `OR position(key, ${literal(JSON.stringify(erased.part))}) > 0)`,
              erased,
            )
          : [erased.key];
        for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
          const some = keys.slice(at, at + KEYS_AT_ONCE).map(literal);
          const buckets = await this.database.rows(
            `SELECT DISTINCT sum_${unit} FROM ${path} WHERE ${own} AND key IN (${some.join(', ')})`,
          );
          for (const [start] of buckets) spans.push({ ...calendar.bucket(unit, Number(start)) });
        }
      }
    }
    return spans;
  }

  private async keysNaming(query: string, erased: ErasedRows): Promise<string[]> {
    const keys: string[] = [];
    const slice = new Slice();
    for await (const rows of this.database.parts(query, null))
      for (const [key] of rows as [string][]) {
        if (erased.isNamedBy(key)) keys.push(key);
        await slice.step();
      }
    return keys;
  }

  private async fold(rows: string): Promise<number> {
    const [row] = await this.database.rows(
      `SELECT count() FROM ${this.tables.path('sums')} WHERE ${rows}`,
    );
    const count = Number(row![0]);
    if (count > 0)
      await this.tables.alter(
        this.database,
        'sums',
        `UPDATE key = ${literal(OTHER_KEY)} WHERE ${rows}`,
      );
    return count;
  }
}
