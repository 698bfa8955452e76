import { randomUUID } from 'node:crypto';
import type { BucketSpan, Summarizer } from '../../../summary/index.js';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { literal } from '../format/clickhouse-text.js';
import type { KeyColumns } from '../format/key-columns.js';
import type { NoteTable } from '../format/note-table.js';
import type { Tables } from '../format/tables.js';
import type { WriteNotes } from '../records/write-notes.js';
import { COUNTS, type SumQueries } from './sum-queries.js';
import { StateChanged, withoutHours, type ReadState, type SumStates } from './sum-state.js';

/** Hours are counted this long after they have ended, when most of their records are there. */
const DELAY_MS = 60_000;
const HOLD_US = 300 * 1e6;

/**
 * Counts the records of past hours in rows, so that sums of long spans need not read records. It
 * changes no figure: a record counts by itself until a row counts it.
 */
export class HourCounter {
  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
    private readonly columns: KeyColumns,
    private readonly summarizer: Pick<Summarizer, 'calendar'>,
    private readonly writes: WriteNotes,
    private readonly queries: SumQueries,
    private readonly states: SumStates,
    private readonly notes: NoteTable,
  ) {}

  /**
   * Counts hours that have ended and that no row counts yet, and what came late, month by month.
   *
   * @returns Whether all that could be counted is counted. If not, others change records.
   */
  async advance(signal: AbortSignal | null = null): Promise<boolean> {
    for (;;) {
      const by = await this.writes.now();
      await this.writes.settle(by);
      const state = await this.states.read();
      if (Object.values(state.hours.holds).some((until) => until > by)) return false;
      const until = await this.nextUntil(by / 1000 - DELAY_MS, state);
      if (until === null) return true;
      if (signal?.aborted || !(await this.count(until, by, state))) return false;
    }
  }

  /**
   * Lets records count by themselves while they are changed.
   *
   * @param work Gets a function that takes hours out of the rows. Call it before records of these
   * hours are changed, and at least every five minutes.
   */
  async around<T>(
    work: (release: (hours: readonly BucketSpan[]) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const id = randomUUID();
    const hold = async (spans: readonly BucketSpan[]) => {
      const now = await this.writes.now();
      await this.states.change((state) => {
        const { hours, ...rest } = withoutHours(state, spans);
        const others = Object.entries(hours.holds).filter(([, until]) => until > now);
        const holds = { ...Object.fromEntries(others), [id]: now + HOLD_US };
        return { ...rest, hours: { ...hours, holds } };
      });
    };
    await hold([]);
    const result = await work(hold);
    // If it fails, a part of it may be under way in the server. The hold then expires.
    await this.deleteRows();
    await this.states.change(({ hours, ...rest }) => {
      const { [id]: _, ...holds } = hours.holds;
      return { ...rest, hours: { ...hours, holds } };
    });
    return result;
  }

  /** Deletes the rows of hours that have been taken out, and of hours whose records are pruned. */
  async deleteRows(): Promise<void> {
    const { hours, gone } = await this.states.read();
    const spans = hours.except.map(
      ({ start, end }) => `(sum_hour >= ${start} AND sum_hour < ${end})`,
    );
    const pruned = gone.records.map(([before]) => `sum_hour < ${before}`);
    const old = [...spans, ...pruned];
    if (old.length === 0) return;
    const [row] = await this.database.rows(
      `SELECT count() FROM ${this.tables.path('hours')} WHERE ${old.join(' OR ')}`,
    );
    if (Number(row![0]) > 0)
      await this.tables.alter(this.database, 'hours', `DELETE WHERE ${old.join(' OR ')}`);
  }

  /** The end of the hours to count next; null if none are left. */
  private async nextUntil(instant: number, state: ReadState): Promise<number | null> {
    const { calendar } = this.summarizer;
    const end = calendar.start('hour', instant);
    const { until, except } = state.hours;
    if (until === null || until < end) {
      const first = await this.firstHour(until);
      if (first !== null && first < end) return Math.min(end, calendar.bucket('month', first).end);
      if (until === null) return null;
    }
    const isLate = state.lateHours.some(({ start }) => start < until);
    return isLate || except.length > 0 ? until : null;
  }

  /** The first hour at or after another that has records. */
  private async firstHour(from: number | null): Promise<number | null> {
    const where = from === null ? '' : `WHERE date >= ${from} AND sum_hour >= ${from}`;
    const [row] = await this.database.rows(
      `SELECT min(sum_hour), count() FROM ${this.tables.path('records')} ${where}`,
    );
    return Number(row![1]) === 0 ? null : Number(row![0]);
  }

  private async count(until: number, by: number, state: ReadState): Promise<boolean> {
    const move = randomUUID();
    // Rows of hours that were taken out are deleted before these hours are counted again.
    await this.deleteRows();
    await this.columns.read();
    const { hours } = state;
    const next = { ...hours, until, by, except: [], moves: [...hours.moves, move] };
    for (const dimension of this.columns.dimensions)
      await this.database.command(
        `INSERT INTO ${this.tables.path('hours')} (dimension, sum_hour, sum_day, sum_month, key, ` +
          `${COUNTS.join(', ')}, slots, counts, move) ` +
          `SELECT ${literal(dimension)}, * EXCEPT l, ${literal(move)} ` +
          `FROM (${this.queries.ofHours(dimension, next, state)})`,
        { distributed_foreground_insert: 1 },
      );
    try {
      await this.states.change((now) => ({ ...now, hours: next }), state);
    } catch (error) {
      if (!(error instanceof StateChanged)) throw error;
      await this.tables.alter(this.database, 'hours', `DELETE WHERE move = ${literal(move)}`);
      return false;
    }
    await this.tables.alter(
      this.database,
      'hours',
      `UPDATE move = '' WHERE move = ${literal(move)}`,
    );
    await this.states.change(({ hours: now, ...rest }) => ({
      ...rest,
      hours: { ...now, moves: now.moves.filter((each) => each !== move) },
    }));
    await this.writes.sweep(by);
    await this.notes.sweepOld();
    return true;
  }
}
