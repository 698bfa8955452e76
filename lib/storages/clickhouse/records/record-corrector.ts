import type { UsageRecord } from '../../../record/index.js';
import { LAST_INSTANT, type BucketSpan } from '../../../summary/index.js';
import type { ParsedFilter } from '../../base/parse-usage-query.js';
import type { RecordPlace } from '../../base/query/record-order.js';
import type { ClickHouseDatabase, Row } from '../connection/clickhouse-database.js';
import { quoted } from '../format/clickhouse-text.js';
import type { KeyColumns } from '../format/key-columns.js';
import type { Tables } from '../format/tables.js';
import { whereOf } from './record-filters.js';
import { RECORD_NAMES, recordOfValues, SUM_NAMES, type RecordSummarizer } from './record-mapper.js';
import type { HourCounter } from '../summaries/hour-counter.js';
import type { RecordReader } from './record-reader.js';
import type { RecordWriter } from './record-writer.js';
import type { WriteNotes } from './write-notes.js';

const RECORDS_AT_ONCE = 2000;
const RENEWAL_MS = 60_000;
const EVER: BucketSpan = { start: -LAST_INSTANT, end: LAST_INSTANT + 1 };

/** Corrects the buckets and keys under which stored records count. */
export class RecordCorrector {
  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
    private readonly summarizer: RecordSummarizer,
    private readonly columns: KeyColumns,
    private readonly reader: RecordReader,
    private readonly writer: RecordWriter,
    private readonly writes: WriteNotes,
    private readonly hours: HourCounter,
  ) {}

  /**
   * Corrects the records between two dates, both inclusive, and has their hours counted anew: rows may
   * be lost or damaged. Null: no bound.
   */
  async correct(start: number | null, end: number | null): Promise<void> {
    await this.columns.read();
    const filter = {
      start: start === null ? null : new Date(start),
      end: end === null ? null : new Date(end),
      where: [],
    };
    const span = { start: start ?? -LAST_INSTANT, end: (end ?? LAST_INSTANT) + 1 };
    await this.hours.around(async (release) => {
      await release([span]);
      for (let last: RecordPlace | null = null, told = Date.now(); ;) {
        const from: RecordPlace | null = last;
        if (Date.now() - told > RENEWAL_MS) {
          await release([]);
          told = Date.now();
        }
        // Whoever deletes records waits for the end, and deletes again what was written anew.
        const end = await this.writes.begin([start ?? -LAST_INSTANT]);
        last = await this.correctSome(filter, from, () => release([EVER]));
        end();
        if (last === null) return;
      }
    });
  }

  /** Yields the records of a filter in parts, the newest first. */
  async *inParts(filter: ParsedFilter): AsyncGenerator<UsageRecord[], void, undefined> {
    let part: UsageRecord[] = [];
    for await (const record of this.reader.stream(filter))
      if (part.push(record) === RECORDS_AT_ONCE) {
        yield part;
        part = [];
      }
    if (part.length > 0) yield part;
  }

  /** A text that changes when a record of a span is stored, corrected or deleted. */
  async fingerprint({ start, end }: BucketSpan): Promise<string> {
    const [row] = await this.database.rows(
      'SELECT toString(count()), toString(sum(cityHash64(id, revision))) FROM ' +
        `${this.tables.path('records')} FINAL WHERE date >= ${start} AND date < ${end}`,
    );
    return String(row);
  }

  /** @returns The place of the last record that was looked at; null if there are no more. */
  private async correctSome(
    filter: ParsedFilter,
    last: RecordPlace | null,
    release: () => Promise<void>,
  ): Promise<RecordPlace | null> {
    const dimensions = this.summarizer.dimensions;
    const others = this.columns.dimensions.filter((each) => !dimensions.includes(each));
    const names = [
      ...RECORD_NAMES.map(quoted),
      ...SUM_NAMES,
      ...[...dimensions, ...others].map((each) => this.columns.of(each)!),
      'inserted_us',
    ];
    const rows = await this.database.rows(
      `SELECT ${names.map((name) => `t.${name}`).join(', ')} ` +
        `FROM ${this.tables.path('records')} AS t FINAL ${whereOf(filter, last)} ` +
        `ORDER BY t.date DESC, t.id DESC LIMIT ${RECORDS_AT_ONCE}`,
    );
    const corrected = rows.flatMap((row) => this.corrected(row) ?? []);
    if (corrected.length > 0) {
      await release();
      const now = await this.writes.now();
      await this.writer.insert(
        [...RECORD_NAMES, ...names.slice(RECORD_NAMES.length), 'revision'],
        corrected.map((row) => [...row, CORRECTED + now]),
      );
    }
    return rows.length < RECORDS_AT_ONCE ? null : recordOfValues(rows.at(-1)!);
  }

  private corrected(row: Row): Row[] | null {
    const { counts, keys } = this.summarizer.sumsOf(recordOfValues(row));
    const wanted = [...counts, ...keys];
    const at = RECORD_NAMES.length;
    const stored = row.slice(at, at + wanted.length);
    const isSame = wanted.every((value, index) =>
      typeof value === 'number' ? value === Number(stored[index]) : value === stored[index],
    );
    if (isSame) return null;
    return [[...row.slice(0, at), ...wanted, ...row.slice(at + wanted.length)]];
  }
}

/** Beyond the revision of every record as it was stored. */
const CORRECTED = 4_500_000_000_000_000;
