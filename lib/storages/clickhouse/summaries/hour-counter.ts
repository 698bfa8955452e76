import { LAST_INSTANT, type BucketSpan, type Summarizer } from '../../../summary/index.js';
import { mergeSpans, minusSpans } from '../../base/coverage-note.js';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { literal } from '../format/clickhouse-text.js';
import type { KeyColumns } from '../format/key-columns.js';
import type { NoteTable } from '../format/note-table.js';
import type { Tables } from '../format/tables.js';
import type { WriteNotes } from '../records/write-notes.js';
import { withoutDays } from './counted-days.js';
import type { DayCounter } from './day-counter.js';
import type { CountingTurn, Holds } from './holds.js';
import type { Moves } from './moves.js';
import { endOf, inSpans } from './sum-conditions.js';
import { COUNTS, type SumQueries } from './sum-queries.js';
import type { ReadState, SumStates } from './sum-state.js';

/** Hours are counted this long after they have ended, when most of their records are there. */
const DELAY_MS = 60_000;

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
    private readonly holds: Holds,
    private readonly moves: Moves,
    private readonly days: DayCounter,
  ) {}

  /**
   * Counts hours that have ended and that no row counts yet, with what came late, and those that were
   * taken out, each month by month; then the days that have ended.
   *
   * @returns Whether all that could be counted is counted. If not, others change or count records.
   */
  async advance(signal: AbortSignal | null = null): Promise<boolean> {
    // What comes late while this goes on is left to the next time: it may never end.
    for (let countsLate = true; await this.hasWork(countsLate); countsLate = false)
      if (signal?.aborted || !(await this.holds.alone((turn) => this.step(turn, countsLate))))
        return false;
    return true;
  }

  /**
   * Lets records count by themselves while they are changed.
   *
   * @param work Gets a function that takes hours out of the rows. Call it before records of these
   * hours are changed, and at least every half an hour.
   */
  around<T>(
    work: (release: (hours: readonly BucketSpan[]) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    return this.holds.around(work, async (hours) => {
      await this.deleteRows(hours, await this.states.read());
    });
  }

  /** Deletes the rows of hours whose records are pruned, and of the days that they are in. */
  async deletePruned(): Promise<void> {
    const state = await this.states.read();
    const hours = state.gone.records.map(([end]) => ({ start: -LAST_INSTANT, end }));
    await this.deleteRows(mergeSpans(hours, Infinity), state);
  }

  /** Deletes the rows of some hours, and of the days that they are in. */
  private async deleteRows(hours: readonly BucketSpan[], state: ReadState): Promise<void> {
    if (hours.length === 0) return;
    await this.tables.deleteIfAny(this.database, 'hours', inSpans('sum_hour', hours));
    await this.days.deleteRows(hours, state);
  }

  private async hasWork(countsLate: boolean): Promise<boolean> {
    const by = await this.writes.now();
    const state = await this.states.read();
    if ((await this.nextUntil(by / 1000 - DELAY_MS, state, countsLate)) !== null) return true;
    return this.days.uncounted(state).length > 0 || this.moves.isUntidy(state);
  }

  private async step(turn: CountingTurn, countsLate: boolean): Promise<boolean> {
    const by = await this.writes.now();
    await this.writes.settle(by);
    let state = await this.states.read();
    if (!turn.isAlone(state, by)) return false;
    if (await this.moves.isUntidy(state)) {
      await turn.check();
      await this.moves.tidy(state);
      state = await this.states.read();
    }
    const until = await this.nextUntil(by / 1000 - DELAY_MS, state, countsLate);
    if (until !== null) return this.count(until, by, state, turn);
    return this.days.uncounted(state).length === 0 || this.days.count(state, turn);
  }

  /** The end of the hours to count next; null if none are left. */
  private async nextUntil(
    instant: number,
    state: ReadState,
    countsLate: boolean,
  ): Promise<number | null> {
    const { calendar } = this.summarizer;
    const end = calendar.start('hour', instant);
    const { until, except } = state.hours;
    if (until === null || until < end) {
      const first = await this.firstHour([{ start: until ?? -LAST_INSTANT, end }]);
      if (first !== null) return Math.min(end, calendar.bucket('month', first).end);
      if (until === null) return null;
    }
    const isLate = countsLate && state.lateHours.some(({ start }) => start < until);
    return isLate || except.length > 0 ? until : null;
  }

  /** The first hour in some spans that has records. */
  private async firstHour(spans: readonly BucketSpan[]): Promise<number | null> {
    const dates = spans.map(({ start, end }) => ({ start, end: endOf(end) }));
    const [row] = await this.database.rows(
      `SELECT min(sum_hour), count() FROM ${this.tables.path('records')} ` +
        `WHERE ${inSpans('date', dates)} AND ${inSpans('sum_hour', spans)}`,
    );
    return Number(row![1]) === 0 ? null : Number(row![0]);
  }

  /** Of the hours that were taken out, those of the first month that has records. */
  private async firstOf(except: readonly BucketSpan[]): Promise<readonly BucketSpan[]> {
    const first = await this.firstHour(except);
    if (first === null) return except;
    const { end } = this.summarizer.calendar.bucket('month', first);
    return minusSpans(except, [{ start: end, end: LAST_INSTANT + 1 }]);
  }

  private async count(
    until: number,
    by: number,
    state: ReadState,
    turn: CountingTurn,
  ): Promise<boolean> {
    const { hours } = state;
    // Hours that no row counts yet cannot be taken out.
    const past = minusSpans(hours.except, [
      { start: hours.until ?? -LAST_INSTANT, end: LAST_INSTANT + 1 },
    ]);
    const again = until === hours.until ? await this.firstOf(past) : [];
    await turn.check();
    await this.deleteRows(again, state);
    await this.deletePruned();
    await this.columns.read();
    const counted = { until, by, except: minusSpans(past, again) };
    const wanted = { ...state, hours: { ...hours, except: again } };
    const isCounted = await this.moves.store(
      'hours',
      turn.stillHas(state),
      async (move) => {
        for (const dimension of this.columns.dimensions) {
          await this.database.command(
            `INSERT INTO ${this.tables.path('hours')} (dimension, sum_hour, sum_day, sum_month, ` +
              `key, ${COUNTS.join(', ')}, slots, counts, move) ` +
              `SELECT ${literal(dimension)}, * EXCEPT l, ${literal(move)} ` +
              `FROM (${this.queries.ofHours(dimension, counted, wanted)})`,
            { distributed_foreground_insert: 1 },
          );
          await turn.renew();
        }
      },
      (now) => ({
        ...now,
        hours: { ...now.hours, ...counted },
        days: withoutDays(now.days, [...again, ...state.lateHours], hours.by, by),
      }),
    );
    if (!isCounted) return false;
    await this.writes.sweep(by);
    await this.notes.sweepOld();
    return true;
  }
}
