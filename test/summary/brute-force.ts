import type { UsageRecord, SummaryPeriod } from 'nestjs-track-usage';
import { WallClock } from '../support/contract-parts.js';

/** What a record counts under in each dimension, said a second time. */
const KEYS: Record<string, (record: UsageRecord) => string> = {
  url: (record) => record.url.split('?')[0]!,
  remote: (record) => record.remoteAddr ?? '(none)',
  userAgent: ({ userAgent: { browser, version } }) =>
    browser ? [browser, ...(version ? [version.split('.')[0]] : [])].join(' ') : '(none)',
  language: (record) => record.userAgent.language ?? '(none)',
  server: (record) => record.serverName,
  visitor: (record) => record.visitorId ?? '(none)',
  geo: (record) => record.ipInfo?.country ?? '(none)',
  route: (record) => (record.route ? `${record.method} ${record.route}` : '(none)'),
  status: (record) => `${record.status}`,
  tenant: (record) => String((record.trackVar?.tenant as string | null) ?? '(none)'),
};

export const PERIODS: readonly SummaryPeriod[] = ['hour', 'day', 'month'];

export const DIMENSIONS = Object.keys(KEYS);

/** One row, with its bucket as the clock shows it. */
export interface BruteForceRow {
  readonly row: string;
  readonly hits: number;
  readonly transfer: number;
  readonly errors: number;
  readonly micros: number;
  readonly refused: number;
  readonly aborted: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Latencies in microseconds, one for each hit, rising. */
  readonly latencies: number[];
}

/** Names the row of a key in the bucket that holds an instant, by what the clock shows. */
export function rowNames(timeZone: string) {
  const clock = new WallClock(timeZone);
  return (dimension: string, period: SummaryPeriod, instant: number, key: string): string => {
    const shown = clock.read(instant);
    const offset =
      (Date.parse(`${shown.replace(' ', 'T')}Z`) - (instant - (instant % 1000))) / 1000;
    const bucket = {
      hour: `${shown.slice(0, 13)} ${offset}`,
      day: shown.slice(0, 10),
      month: shown.slice(0, 7),
    }[period];
    return JSON.stringify([dimension, period, bucket, key]);
  };
}

/** The sums of every dimension and period, counted record by record. */
export function bruteForce(records: readonly UsageRecord[], timeZone: string): BruteForceRow[] {
  const name = rowNames(timeZone);
  const groups = new Map<string, UsageRecord[]>();
  for (const record of records)
    for (const dimension of DIMENSIONS)
      for (const period of PERIODS) {
        const row = name(dimension, period, record.date.getTime(), KEYS[dimension]!(record));
        groups.set(row, [...(groups.get(row) ?? []), record]);
      }
  return [...groups]
    .map(([row, members]) => {
      const all = members.flatMap((record) => Array<UsageRecord>(record.weight).fill(record));
      const sum = (value: (record: UsageRecord) => number) =>
        all.reduce((total, record) => total + value(record), 0);
      return {
        row,
        hits: all.length,
        transfer: sum((record) => record.contentLength),
        errors: sum((record) => (record.status >= 500 ? 1 : 0)),
        micros: sum((record) => Math.round(record.speed * 1e6)),
        refused: sum((record) => (Math.floor(record.status / 100) === 4 ? 1 : 0)),
        aborted: sum((record) => (record.outcome === 'aborted' ? 1 : 0)),
        firstSeen: Math.min(...all.map(({ date }) => date.getTime())),
        lastSeen: Math.max(...all.map(({ date }) => date.getTime())),
        latencies: all.map((record) => Math.round(record.speed * 1e6)).sort((a, b) => a - b),
      };
    })
    .sort((a, b) => (a.row < b.row ? -1 : 1));
}
