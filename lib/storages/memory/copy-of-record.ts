import type { UsageRecord } from '../../record/index.js';

/** A copy that shares nothing, with the precision that every storage keeps. */
export function copyOfRecord(record: UsageRecord): UsageRecord {
  return {
    ...record,
    date: new Date(record.date),
    speed: Math.round(record.speed * 1e6) / 1e6,
    viewArgs: copyOfJson(record.viewArgs),
    urlArgs: copyOfJson(record.urlArgs),
    userAgent: { ...record.userAgent },
    ipInfo: copyOfJson(record.ipInfo),
    trackVar: copyOfJson(record.trackVar),
  };
}

function copyOfJson<T>(value: T): T {
  return value === null ? value : (JSON.parse(JSON.stringify(value)) as T);
}
