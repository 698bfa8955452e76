import type { UsageRecord } from '../../record/index.js';
import { SUMMARY_PERIODS, type SummaryPeriod } from '../../summary/index.js';
import type { ClickHouseDatabase } from './connection/clickhouse-database.js';
import { literal } from './format/clickhouse-text.js';
import type { KeyColumns } from './format/key-columns.js';
import type { Tables } from './format/tables.js';
import type { PartitionDropper } from './records/partition-dropper.js';
import type { WriteNotes } from './records/write-notes.js';
import { COUNTS, type SumQueries } from './summaries/sum-queries.js';
import type { HourCounter } from './summaries/hour-counter.js';
import type { SumReader } from './summaries/sum-reader.js';
import type { Moves } from './summaries/moves.js';
import {
  asRead,
  withGone,
  type Counted,
  type SumState,
  type SumStates,
} from './summaries/sum-state.js';

const ATTEMPTS = 20;

/**
 * Deletes records and sums from before an instant. What deleted records count for is stored as rows
 * first.
 */
export class Pruner {
  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
    private readonly columns: KeyColumns,
    private readonly writes: WriteNotes,
    private readonly sums: SumReader,
    private readonly queries: SumQueries,
    private readonly states: SumStates,
    private readonly partitions: PartitionDropper,
    private readonly hours: HourCounter,
    private readonly moves: Moves,
  ) {}

  /** @returns The number of deleted records. */
  async pruneRecords(before: number): Promise<number> {
    const by = await this.writes.now();
    await this.writes.settle(by, before);
    await this.partitions.finish(await this.states.read());
    const old = `date < ${before} AND inserted_us <= ${by}`;
    const [row] = await this.database.rows(
      `SELECT count() FROM ${this.tables.path('records')} FINAL WHERE ${old}`,
    );
    const count = Number(row![0]);
    if (count === 0) return 0;
    await this.move([before, by]);
    await this.hours.deletePruned();
    await this.partitions.drop(before, await this.states.read());
    await this.tables.alter(this.database, 'records', `DELETE WHERE ${old}`);
    return count;
  }

  /** @returns The number of deleted rows, of buckets that begin before the instant. */
  async pruneSums(period: SummaryPeriod, before: number): Promise<number> {
    await this.columns.read();
    const by = await this.writes.now();
    const count = await this.sums.countRows({
      period,
      ranges: [{ first: null, last: before - 1 }],
    });
    if (count === 0) return 0;
    await this.states.change((state) => withGone(state, period, [before, by]));
    await this.tables.alter(
      this.database,
      'sums',
      `DELETE WHERE period = ${literal(period)} AND bucket < ${before}`,
    );
    return count;
  }

  /**
   * Deletes records, and what they add to the sums. The server takes their rows out of the files when
   * it merges these.
   *
   * @returns The number of deleted records.
   */
  async deleteRecords(records: readonly UsageRecord[]): Promise<number> {
    if (records.length === 0) return 0;
    const ids = records.map(({ date, id }) => `(${date.getTime()}, ${literal(id)})`).join(', ');
    return this.hours.around(async (release) => {
      const found = await this.database.rows(
        `SELECT sum_hour, uniqExact(id) FROM ${this.tables.path('records')} ` +
          `WHERE (date, id) IN (${ids}) GROUP BY sum_hour`,
      );
      await release(found.map(([hour]) => ({ start: Number(hour), end: Number(hour) + 1 })));
      await this.tables.deleteRows(this.database, 'records', `(date, id) IN (${ids})`);
      return found.reduce((sum, [, count]) => sum + Number(count), 0);
    });
  }

  /** Stores what old records count for, and lets it count instead of them. */
  private async move(gone: Counted): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      await this.columns.read();
      const state = await this.states.read();
      const insert = async (move: string) => {
        for (const dimension of this.columns.dimensions)
          for (const period of SUMMARY_PERIODS)
            await this.database.command(
              `INSERT INTO ${this.tables.path('sums')} (dimension, period, bucket, key, ` +
                `${COUNTS.join(', ')}, slots, counts, move) ` +
                `SELECT ${literal(dimension)}, ${literal(period)}, *, ${literal(move)} ` +
                `FROM (${this.queries.ofGone(dimension, period, gone, state)})`,
              { distributed_foreground_insert: 1 },
            );
      };
      const change = (now: SumState) => withGone(now, 'records', gone);
      if (await this.moves.store('sums', asRead(state), insert, change)) return;
    }
    throw new Error(`ClickHouseStorage: others moved sums during ${ATTEMPTS} attempts to prune.`);
  }
}
