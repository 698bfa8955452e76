import type { Metric } from '../../storages/contract/usage-report.js';

const THOUSANDS = /\B(?=(?:\d{3})+$)/g;
const BYTES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** How a metric's value reads in a table. */
export function shownMetric(metric: Metric, value: unknown, timeZone: string): string {
  if (value === null || value === undefined) return '-';
  if (value instanceof Date) return shownDate(value, timeZone);
  const number = value as number;
  switch (metric) {
    case 'transfer':
      return shownBytes(number);
    case 'errorRate':
    case 'refusedRate':
      return `${(number * 100).toFixed(number === 0 || number >= 0.1 ? 0 : 2)} %`;
    case 'duration':
    case 'mean':
    case 'p50':
    case 'p90':
    case 'p95':
    case 'p99':
    case 'max':
      return shownSeconds(number);
    default:
      return shownNumber(number);
  }
}

let fractions: Intl.NumberFormat | undefined;

/** `12,345`. Sampled requests have fractions. */
export function shownNumber(number: number): string {
  // Whole numbers need none of what `Intl` takes long to load.
  if (Number.isSafeInteger(number)) return String(number).replace(THOUSANDS, ',');
  fractions ??= new Intl.NumberFormat('en-US');
  return fractions.format(number);
}

/** `1.2 MB`, in powers of a thousand. */
export function shownBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  for (; Math.abs(value) >= 999.5 && unit < BYTES.length - 1; unit++) value /= 1000;
  return `${value.toFixed(unit === 0 || value >= 99.5 ? 0 : 1)} ${BYTES[unit]!}`;
}

/** `12 ms`, `1.23 s`, `5 min`, `3.2 h`. */
export function shownSeconds(seconds: number): string {
  if (seconds === 0) return '0 ms';
  if (seconds < 0.0095) return `${(seconds * 1000).toFixed(2)} ms`;
  if (seconds < 0.9995) return `${(seconds * 1000).toFixed(0)} ms`;
  if (seconds < 120) return `${seconds.toFixed(2)} s`;
  if (seconds < 7200) return `${(seconds / 60).toFixed(0)} min`;
  return `${shownNumber(Number((seconds / 3600).toFixed(1)))} h`;
}

/** `+12 %` of what it was before; empty where that cannot be said. */
export function shownChange(now: unknown, before: unknown): string {
  if (typeof now !== 'number' || typeof before !== 'number') return '';
  if (before === 0) return now === 0 ? '=' : 'new';
  const change = Math.round((now / before - 1) * 100);
  return change === 0 ? '=' : `${change > 0 ? '+' : ''}${shownNumber(change)} %`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-29 14:05:00`, by the clock of a zone. */
export function shownDate(date: Date, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format.format(date);
}

/** The first instant of a bucket: a day without its time. */
export function shownBucket(date: Date, interval: string, timeZone: string): string {
  const shown = shownDate(date, timeZone);
  if (interval === 'month') return shown.slice(0, 7);
  return interval === 'day' || interval === 'week' ? shown.slice(0, 10) : shown.slice(0, 16);
}
