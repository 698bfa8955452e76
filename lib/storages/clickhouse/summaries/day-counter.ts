import {
  calendarOf,
  LAST_INSTANT,
  type BucketSpan,
  type Summarizer,
} from '../../../summary/index.js';
import { mergeSpans, minusSpans } from '../../base/coverage-note.js';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { literal } from '../format/clickhouse-text.js';
import type { Tables } from '../format/tables.js';
import { countedDays, isUpToDate, touchedDays } from './counted-days.js';
import type { CountingTurn } from './holds.js';
import type { Moves } from './moves.js';
import { firstHour, inSpans, ofMoves } from './sum-conditions.js';
import { COUNTS, type SumQueries } from './sum-queries.js';
import { StateChanged, type ReadState, type SumStates } from './sum-state.js';

/**
 * Adds up the rows of hours in rows of days: a report of a month then reads thirty rows of a key
 * instead of hundreds. A day counts by its hours as long as any of these changes.
 */
export class DayCounter {
  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
    private readonly summarizer: Pick<Summarizer, 'calendar' | 'countsRecords'>,
    private readonly queries: SumQueries,
    private readonly states: SumStates,
    private readonly moves: Moves,
  ) {}

  /** The days whose rows are still to be made. */
  uncounted(state: ReadState): BucketSpan[] {
    const { until, except } = state.hours;
    const { calendar, countsRecords } = this.summarizer;
    // Who keeps no sums need not know in which time zone they are.
    if (until === null || !countsRecords) return [];
    const past = calendar.wholeBuckets('day', { start: firstHour(null, state), end: until });
    if (past === null) return [];
    // What comes late is counted in rows of hours first.
    const changing = touchedDays([...except, ...state.lateHours], calendar);
    const strange = isUpToDate(state, calendar) ? state.days.strange : [];
    const others = mergeSpans([...countedDays(state, calendar), ...strange, ...changing], Infinity);
    return minusSpans([past], others);
  }

  /**
   * Makes the rows of the first month that has some days to count. Nobody else may be counting.
   *
   * @returns False if the state has changed meanwhile.
   */
  async count(state: ReadState, turn: CountingTurn): Promise<boolean> {
    const { calendar } = this.summarizer;
    const { days: known, hours } = state;
    const isNew = known.spans.length === 0 && known.strange.length === 0;
    if (!isNew && !isUpToDate(state, calendar)) return this.forgetAll(state, turn);
    await turn.check();
    if (isNew) await this.tables.deleteIfAny(this.database, 'days', '1');
    const uncounted = await this.firstDays(state);
    const strange = await this.strangeDays(uncounted, state);
    const days = minusSpans(uncounted, strange);
    await this.deleteRows(uncounted, state);
    const dimensions = await this.database.rows(
      `SELECT DISTINCT dimension FROM ${this.tables.path('hours')} ` +
        `WHERE ${inSpans('sum_hour', days)} AND ${ofMoves(hours.moves)}`,
    );
    return this.moves.store(
      'days',
      turn.stillHas(state),
      async (move) => {
        for (const [dimension] of dimensions) {
          await this.database.command(
            `INSERT INTO ${this.tables.path('days')} (dimension, sum_day, sum_month, key, ` +
              `${COUNTS.join(', ')}, slots, counts, move) ` +
              `SELECT ${literal(dimension as string)}, * EXCEPT l, ${literal(move)} ` +
              `FROM (${this.queries.ofDays(dimension as string, days, state)})`,
            { distributed_foreground_insert: 1 },
          );
          await turn.renew();
        }
      },
      (now) => {
        const { timeZone } = calendar;
        const counted = {
          spans: mergeSpans([...now.days.spans, ...days], Infinity),
          strange: mergeSpans([...now.days.strange, ...strange], Infinity),
        };
        return { ...now, days: { ...now.days, ...counted, timeZone, by: now.hours.by } };
      },
    );
  }

  /** Deletes the rows of days that some hours are in. */
  async deleteRows(hours: readonly BucketSpan[], { days }: ReadState): Promise<void> {
    if (hours.length === 0) return;
    const calendar = days.timeZone === null ? this.summarizer.calendar : calendarOf(days.timeZone);
    const where = inSpans('sum_day', touchedDays(hours, calendar));
    await this.tables.deleteIfAny(this.database, 'days', where);
  }

  /** The uncounted days of the first month that has some, and those before without any row. */
  private async firstDays(state: ReadState): Promise<BucketSpan[]> {
    const uncounted = this.uncounted(state);
    const [row] = await this.database.rows(
      `SELECT min(sum_hour), count() FROM ${this.tables.path('hours')} ` +
        `WHERE ${inSpans('sum_hour', uncounted)} AND ${ofMoves(state.hours.moves)}`,
    );
    if (Number(row![1]) === 0) return uncounted;
    const { end } = this.summarizer.calendar.bucket('month', Number(row![0]));
    return minusSpans(uncounted, [{ start: end, end: LAST_INSTANT + 1 }]);
  }

  /**
   * The days that have rows of hours whose day is another one: their records were stored in another
   * time zone.
   */
  private async strangeDays(
    days: readonly BucketSpan[],
    { hours }: ReadState,
  ): Promise<BucketSpan[]> {
    const { calendar } = this.summarizer;
    const rows = await this.database.rows(
      `SELECT DISTINCT sum_hour, sum_day, sum_month FROM ${this.tables.path('hours')} ` +
        `WHERE ${inSpans('sum_hour', days)} AND ${ofMoves(hours.moves)}`,
    );
    const strange = rows.flatMap(([hour, day, month]) => {
      const at = Number(hour);
      const isOwn =
        calendar.start('day', at) === Number(day) && calendar.start('month', at) === Number(month);
      return isOwn ? [] : [{ start: at, end: at + 1 }];
    });
    return touchedDays(strange, calendar);
  }

  /** Has all days made anew, which are of another time zone or out of date. */
  private async forgetAll(state: ReadState, turn: CountingTurn): Promise<boolean> {
    try {
      await this.states.change(
        (now) => ({ ...now, days: { ...now.days, spans: [], strange: [] } }),
        turn.stillHas(state),
      );
      return true;
    } catch (error) {
      if (error instanceof StateChanged) return false;
      throw error;
    }
  }
}
