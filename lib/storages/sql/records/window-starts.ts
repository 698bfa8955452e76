import type { ParsedFilter } from '../../base/parse-usage-query.js';
import type { StoppableReading } from '../engines/stoppable-reading.js';
import type { RecordQueries } from './record-queries.js';

/** Spans of time that are tried before records are counted. */
const TRIES = 3;
/** How much longer or shorter one span is at most than the one tried before. */
const STEP = 4;
/** By how much a window may be larger than asked for. */
const TOLERANCE = 1.5;

/**
 * Finds where windows of about as many records start, from the newest to the oldest. To count the
 * records of each takes a tenth of the time that adding them up takes. SQLite numbers rows as they
 * come, and records come about in the order of their dates: the numbers of a span's first and last
 * row tell how many it holds. They only choose where windows divide the records. Where they tell
 * nothing, as in a table that was filled in no order, the records of the window are counted.
 */
export class WindowStarts {
  /** Milliseconds of the last window. */
  private span: number | null = null;
  /** Whether rows may have numbers: those of a table `without rowid` have none. */
  private isNumbered = true;

  constructor(
    private readonly reading: StoppableReading,
    private readonly queries: RecordQueries,
    private readonly size: number,
  ) {}

  /**
   * @returns The instant at which the newest window of the filter's records starts. Null if it holds
   * all of them.
   */
  async next(filter: ParsedFilter): Promise<Date | null> {
    const guessed = await this.guessed(filter);
    const start = guessed === undefined ? await this.counted(filter) : guessed;
    if (start && filter.end) this.span = filter.end.getTime() - start.getTime() + 1;
    return start;
  }

  private async guessed({ start, end }: ParsedFilter): Promise<Date | null | undefined> {
    if (!start || !end || this.span === null) return undefined;
    let { span } = this;
    for (let tries = 0; tries < TRIES && this.isNumbered; tries++) {
      const from = new Date(Math.max(end.getTime() - span + 1, start.getTime()));
      const isAll = from.getTime() === start.getTime();
      const size = (await this.rows(from, end)) / this.size;
      if (size <= TOLERANCE && (isAll || size >= 1 / TOLERANCE)) return isAll ? null : from;
      span = Math.ceil(span * Math.min(Math.max(1 / size, 1 / STEP), STEP));
    }
    return undefined;
  }

  /** About how many records a span holds; infinitely many if nothing tells. */
  private async rows(start: Date, end: Date): Promise<number> {
    try {
      const [row] = await this.reading.read(this.queries.rowNumbers(start, end));
      return Math.abs(Number(row?.['last']) - Number(row?.['first'])) + 1;
    } catch {
      // If something else is wrong, counting the records fails of it too.
      this.isNumbered = false;
      return Infinity;
    }
  }

  private async counted(filter: ParsedFilter): Promise<Date | null> {
    const [row] = await this.reading.read(this.queries.windowEnd(null, this.size, filter));
    return row ? new Date(Number(row['date'])) : null;
  }
}
