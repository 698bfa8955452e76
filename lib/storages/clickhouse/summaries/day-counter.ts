import { LAST_INSTANT, type BucketSpan, type Summarizer } from '../../../summary/index.js';
import { mergeSpans, minusSpans } from '../../base/coverage-note.js';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { literal } from '../format/clickhouse-text.js';
import type { Tables } from '../format/tables.js';
import { countedDays, touchedDays, withDays } from './counted-days.js';
import type { Moves } from './moves.js';
import { firstHour, inSpans, ofMoves } from './sum-conditions.js';
import { COUNTS, type SumQueries } from './sum-queries.js';
import type { ReadState } from './sum-state.js';

/**
 * Adds up the rows of hours in rows of days: a report of a month then reads thirty rows of a key
 * instead of hundreds. A day counts by its hours as long as any of these changes.
 */
export class DayCounter {
  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
    private readonly summarizer: Pick<Summarizer, 'calendar'>,
    private readonly queries: SumQueries,
    private readonly moves: Moves,
  ) {}

  /** The days whose rows are still to be made. */
  uncounted(state: ReadState): BucketSpan[] {
    const { until, except } = state.hours;
    if (until === null) return [];
    const { calendar } = this.summarizer;
    const past = calendar.wholeBuckets('day', { start: firstHour(null, state), end: until });
    if (past === null) return [];
    // What comes late is counted in rows of hours first.
    const changing = touchedDays([...except, ...state.lateHours], calendar);
    const others = mergeSpans([...countedDays(state, calendar), ...changing], Infinity);
    return minusSpans([past], others);
  }

  /**
   * Makes the rows of the first month that has some days to count. Nobody else may be counting.
   *
   * @returns False if the state has changed meanwhile.
   */
  async count(state: ReadState): Promise<boolean> {
    const { calendar } = this.summarizer;
    const uncounted = this.uncounted(state);
    const { moves } = state.hours;
    const [row] = await this.database.rows(
      `SELECT min(sum_hour), count() FROM ${this.tables.path('hours')} ` +
        `WHERE ${inSpans('sum_hour', uncounted)} AND ${ofMoves(moves)}`,
    );
    // Days without any row are counted, too.
    const end =
      Number(row![1]) === 0 ? LAST_INSTANT + 1 : calendar.bucket('month', Number(row![0])).end;
    const days = minusSpans(uncounted, [{ start: end, end: LAST_INSTANT + 1 }]);
    await this.deleteRows(days);
    const dimensions = await this.database.rows(
      `SELECT DISTINCT dimension FROM ${this.tables.path('hours')} ` +
        `WHERE ${inSpans('sum_hour', days)} AND ${ofMoves(moves)}`,
    );
    return this.moves.store(
      'days',
      state,
      async (move) => {
        for (const [dimension] of dimensions)
          await this.database.command(
            `INSERT INTO ${this.tables.path('days')} (dimension, sum_day, sum_month, key, ` +
              `${COUNTS.join(', ')}, slots, counts, move) ` +
              `SELECT ${literal(dimension as string)}, * EXCEPT l, ${literal(move)} ` +
              `FROM (${this.queries.ofDays(dimension as string, days, state)})`,
            { distributed_foreground_insert: 1 },
          );
      },
      (now) => ({ ...now, days: withDays(now.days, days, calendar) }),
    );
  }

  /** Deletes the rows of days that some hours are in. */
  async deleteRows(hours: readonly BucketSpan[]): Promise<void> {
    if (hours.length === 0) return;
    const where = inSpans('sum_day', touchedDays(hours, this.summarizer.calendar));
    await this.tables.deleteIfAny(this.database, 'days', where);
  }
}
