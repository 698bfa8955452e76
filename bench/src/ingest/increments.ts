import type { UsageRecord } from 'nestjs-track-usage';

/** What a batch adds to one row of sums, added up by hand. */
export interface Increment {
  readonly dimension: string;
  readonly period: string;
  readonly date: number;
  readonly key: string;
  hits: number;
  transfer: number;
  errors: number;
  duration: number;
  measured: number;
  refused: number;
  aborted: number;
  firstSeen: number;
  lastSeen: number;
  /** How many there were in each slot of latency. */
  readonly latency: Map<number, number>;
}

/** Stands for the counts of latency where they are text, which the raw side does not merge. */
export const LATENCY_TEXT = `1:${'4w2,'.repeat(30)}`;

/** Set for the sides that keep what `forRoot()` keeps: `sumBasic` and more, and the count of all. */
export const keepsDefault = process.env['BENCH_SUMMARIES'] === 'default';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The sums of `sumBasic`, or those of `forRoot()`, as short as they can be written for UTC and known keys. */
export function incrementsOf(records: readonly UsageRecord[]): Increment[] {
  const rows = new Map<string, Increment>();
  for (const record of records) {
    const { keys, dates, slot, ...counts } = countsOf(record);
    for (const [dimension, key] of Object.entries(keys))
      for (const [period, date] of Object.entries(dates)) {
        const id = `${dimension} ${period} ${date} ${key}`;
        let row = rows.get(id);
        if (!row) {
          row = {
            dimension,
            period,
            date,
            key,
            ...counts,
            latency: new Map([[slot, counts.hits]]),
          };
          rows.set(id, row);
          continue;
        }
        row.hits += counts.hits;
        row.transfer += counts.transfer;
        row.errors += counts.errors;
        row.duration += counts.duration;
        row.measured += counts.measured;
        row.refused += counts.refused;
        row.aborted += counts.aborted;
        row.firstSeen = Math.min(row.firstSeen, counts.firstSeen);
        row.lastSeen = Math.max(row.lastSeen, counts.lastSeen);
        row.latency.set(slot, (row.latency.get(slot) ?? 0) + counts.hits);
      }
  }
  return [...rows.values()];
}

/** What one record counts for, and where. */
export function countsOf(record: UsageRecord) {
  const time = record.date.getTime();
  const micros = Math.round(record.speed * 1e6);
  const { browser, version, language } = record.userAgent;
  const query = record.url.indexOf('?');
  return {
    keys: {
      url: query < 0 ? record.url : record.url.slice(0, query),
      remote: record.remoteAddr ?? '(none)',
      userAgent: `${browser} ${version?.split('.')[0]}`,
      language: language ?? '(none)',
      server: record.serverName,
      ...(keepsDefault && defaultKeysOf(record)),
    },
    dates: {
      hour: time - (time % HOUR),
      day: time - (time % DAY),
      month: Date.UTC(record.date.getUTCFullYear(), record.date.getUTCMonth()),
    },
    hits: 1,
    transfer: record.contentLength,
    errors: record.status >= 500 ? 1 : 0,
    duration: micros,
    measured: 1,
    refused: record.status >= 400 && record.status < 500 ? 1 : 0,
    aborted: record.outcome === 'aborted' ? 1 : 0,
    firstSeen: time,
    lastSeen: time,
    slot: Math.ceil(Math.log(micros) / Math.log(1.04)) + 1,
  };
}

function defaultKeysOf(record: UsageRecord): Record<string, string> {
  const route = `${record.method} ${record.route}`;
  return {
    route,
    status: String(record.status),
    consumer: record.consumer ?? '(none)',
    client: `${record.userAgent.browser} ${record.userAgent.version}`,
    'consumer:route': JSON.stringify([record.consumer, route]),
    _records: '(none)',
  };
}
