import type { ReportComparison, ReportInterval } from '../../../storages/contract/usage-report.js';
import { WallClock } from './wall-clock.js';

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of time, both bounds inclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Time as a clock on the wall of a zone shows it, read from Intl one quarter-hour at a time. All
 * offsets of the zone have to change at quarter-hours.
 */
export class WallTime {
  private readonly clock: WallClock;
  private readonly shown = new Map<number, string>();

  constructor(timeZone: string) {
    this.clock = new WallClock(timeZone);
  }

  /** The first instant of the bucket that holds an instant. */
  start(interval: ReportInterval, instant: number): number {
    const step = interval === 'minute' ? MINUTE : QUARTER;
    const bucket = this.bucketName(interval, instant);
    let start = Math.floor(instant / step) * step;
    while (this.bucketName(interval, start - step) === bucket) start -= step;
    return start;
  }

  /** The first instants of the buckets that overlap a span. */
  buckets(interval: ReportInterval, { start, end }: Span): number[] {
    const found = [this.start(interval, start)];
    const step = interval === 'minute' ? MINUTE : QUARTER;
    let name = this.bucketName(interval, start);
    for (let at = Math.floor(start / step) * step; at <= end; at += step) {
      if (this.bucketName(interval, at) === name) continue;
      name = this.bucketName(interval, at);
      found.push(at);
    }
    return found;
  }

  /** The first instant after a bucket. */
  end(interval: ReportInterval, start: number): number {
    const step = interval === 'minute' ? MINUTE : QUARTER;
    let end = start + step;
    while (this.bucketName(interval, end) === this.bucketName(interval, start)) end += step;
    return end;
  }

  /** The span that a comparison is with, as the docstring of `compare` says it. */
  before(span: Span, interval: ReportInterval | undefined, compare: ReportComparison): Span {
    const after = span.end + 1;
    const length = after - span.start;
    const back = (count: number, unit: 'ms' | 'days' | 'months', size = 1): Span => {
      const move = (instant: number) =>
        unit === 'ms' ? instant - count * size : this.earlier(instant, unit, count * size);
      const start = move(span.start);
      return { start, end: Math.max(move(after), start + 1) - 1 };
    };
    const least = (unit: 'ms' | 'days' | 'months', size = 1): Span => {
      for (let count = 1; ; count++) {
        const moved = back(count, unit, size);
        if (moved.end < span.start) return moved;
      }
    };
    if (compare === 'year') return back(12, 'months');
    if (compare === 'week') return least('days', 7);
    switch (interval) {
      case undefined:
        return back(1, 'ms', length);
      case 'minute':
        return least('ms', MINUTE);
      case 'hour':
        return least('ms', HOUR);
      case 'day':
        return least('days');
      case 'week':
        return least('days', 7);
      case 'month':
        return least('months');
    }
  }

  private bucketName(interval: ReportInterval, instant: number): string {
    const shown = this.read(instant);
    switch (interval) {
      case 'minute':
      case 'hour': {
        const offset =
          Date.parse(`${shown.replace(' ', 'T')}Z`) - Math.floor(instant / 1000) * 1000;
        return `${shown.slice(0, interval === 'hour' ? 13 : 16)} ${offset}`;
      }
      case 'day':
        return shown.slice(0, 10);
      case 'week': {
        const date = new Date(`${shown.slice(0, 10)}T00:00Z`);
        while (date.getUTCDay() !== 1) date.setTime(date.getTime() - DAY);
        return date.toISOString().slice(0, 10);
      }
      case 'month':
        return shown.slice(0, 7);
    }
  }

  /** The first instant that shows the same time some days or months earlier, or a later time. */
  private earlier(instant: number, unit: 'days' | 'months', count: number): number {
    const [date, time] = this.read(instant).split(' ') as [string, string];
    const [year, month, day] = date.split('-').map(Number) as [number, number, number];
    let wanted = new Date(Date.UTC(year, month - 1, day));
    if (unit === 'days') wanted.setTime(wanted.getTime() - count * DAY);
    else {
      wanted = new Date(Date.UTC(year, month - 1 - count, day));
      // Date turns 31 February into a day of March.
      while (wanted.getUTCDate() !== day && wanted.getUTCDate() < 4)
        wanted.setTime(wanted.getTime() - DAY);
    }
    const local = wanted.getTime() + Date.parse(`1970-01-01T${time}Z`);
    const goal = new Date(local).toISOString().slice(0, 19).replace('T', ' ');
    const from = Math.floor((local - 15 * HOUR) / QUARTER) * QUARTER;
    const rest = ((instant % QUARTER) + QUARTER) % QUARTER;
    for (let at = from; ; at += QUARTER) {
      if (this.read(at + rest) === goal) return at + rest;
      // The clock has jumped over the goal.
      if (this.read(at) > goal) return at;
    }
  }

  private read(instant: number): string {
    const second = Math.floor(instant / 1000) * 1000;
    if (second % QUARTER !== 0) return this.clock.read(second);
    let shown = this.shown.get(second);
    if (shown === undefined) this.shown.set(second, (shown = this.clock.read(second)));
    return shown;
  }
}
