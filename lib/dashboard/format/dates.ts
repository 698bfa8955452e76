import type { ReportInterval } from '../../storages/contract/usage-report.js';

type Style = Intl.DateTimeFormatOptions;

const DAY: Style = { day: 'numeric', month: 'short' };
const TIME: Style = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const STYLES: Record<ReportInterval, Style> = {
  minute: TIME,
  hour: TIME,
  day: DAY,
  week: DAY,
  month: { month: 'short', year: 'numeric' },
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY_MS = 24 * HOUR;

/** By zone. Making one takes longer than what all of a panel's dates take to be written. */
const FORMATS = new Map<string, Map<Style, Intl.DateTimeFormat>>();

/** Writes dates in one time zone. */
export class Dates {
  private readonly formats: Map<Style, Intl.DateTimeFormat>;

  constructor(
    readonly timeZone: string,
    private readonly now: number,
  ) {
    this.formats = FORMATS.get(timeZone) ?? new Map<Style, Intl.DateTimeFormat>();
    FORMATS.set(timeZone, this.formats);
  }

  /** The label of a bucket on an axis. */
  tick(date: Date, interval: ReportInterval, isLongRange: boolean): string {
    return this.write(date, interval === 'hour' && isLongRange ? DAY : STYLES[interval]);
  }

  /** A bucket in words: `Sat, 21 Nov`, `21 Nov, 14:00`. */
  bucket(date: Date, interval: ReportInterval): string {
    if (interval === 'month') return this.write(date, STYLES.month);
    if (interval === 'week') return `week of ${this.write(date, DAY)}`;
    if (interval === 'day') return this.write(date, WEEKDAY);
    return this.write(date, MOMENT);
  }

  /** `21 Nov 2026`. */
  day(date: Date): string {
    return this.write(date, LONG_DAY);
  }

  /** `21 Nov 2026, 14:02:59`. */
  moment(date: Date): string {
    return this.write(date, LONG_MOMENT);
  }

  /** `14:02`. */
  clock(date: Date): string {
    return this.write(date, TIME);
  }

  /** `14:02:59`, with the day before it if that is not today's. */
  time(date: Date): string {
    const isToday = this.day(date) === this.day(new Date(this.now));
    return this.write(date, isToday ? CLOCK : DAY_CLOCK);
  }

  /** `now`, `12 s ago`, `4 min ago`, `2 h ago`, `9 days ago`. */
  ago(date: Date): string {
    const since = this.now - date.getTime();
    if (since < 2 * SECOND) return 'now';
    if (since < MINUTE) return `${Math.floor(since / SECOND)} s ago`;
    if (since < HOUR) return `${Math.floor(since / MINUTE)} min ago`;
    if (since < 2 * DAY_MS) return `${Math.floor(since / HOUR)} h ago`;
    if (since < 60 * DAY_MS) return `${Math.floor(since / DAY_MS)} days ago`;
    return this.day(date);
  }

  private write(date: Date, style: Style): string {
    let format = this.formats.get(style);
    if (!format) {
      format = new Intl.DateTimeFormat('en-GB', { timeZone: this.timeZone, ...style });
      this.formats.set(style, format);
    }
    return format.format(date);
  }
}

const WEEKDAY: Style = { weekday: 'short', ...DAY };
const MOMENT: Style = { ...DAY, ...TIME };
const LONG_DAY: Style = { ...DAY, year: 'numeric' };
const CLOCK: Style = { ...TIME, second: '2-digit' };
const DAY_CLOCK: Style = { ...DAY, ...CLOCK };
const LONG_MOMENT: Style = { ...LONG_DAY, ...CLOCK };
