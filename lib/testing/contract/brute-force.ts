import type { UsageRecord } from '../../record/index.js';
import type { UsageSum } from '../../summary/usage-sum.js';

type Period = 'hour' | 'day' | 'month';

/** A row of sums without its percentiles. */
export interface Totals {
  date: string;
  key: string;
  hits: number;
  transfer: number;
  errors: number;
  micros: number;
  refused: number | null;
  aborted: number | null;
  firstSeen: string | null;
  lastSeen: string | null;
}

export const KEYS: Record<string, (record: UsageRecord) => string | null> = {
  url: (record) => record.url.split('?')[0]!,
  remote: (record) => record.remoteAddr,
  userAgent: ({ userAgent: { browser, version } }) =>
    browser && (version ? `${browser} ${version.split('.')[0]!}` : browser),
  language: (record) => record.userAgent.language,
  server: (record) => record.serverName,
  visitor: (record) => record.visitorId,
  geo: (record) => record.ipInfo?.country ?? null,
  route: (record) => record.route && `${record.method} ${record.route}`,
  status: (record) => String(record.status),
};

const NOTHING = {
  ...{ hits: 0, transfer: 0, errors: 0, micros: 0, refused: 0, aborted: 0 },
  ...{ firstSeen: null, lastSeen: null },
};

/** Counts the records one by one. Sorts the rows by newest bucket, then by key. */
export function bruteForce(
  records: Iterable<UsageRecord>,
  key: (record: UsageRecord) => string | null,
  period: Period,
  offset = 0,
): Totals[] {
  const rows = new Map<string, Totals>();
  for (const record of records) {
    const local = new Date(record.date.getTime() + offset);
    local.setUTCMinutes(0, 0, 0);
    if (period !== 'hour') local.setUTCHours(0);
    if (period === 'month') local.setUTCDate(1);
    const date = new Date(local.getTime() - offset).toISOString();
    const name = keyOf(key(record));
    const id = `${date} ${name}`;
    let row = rows.get(id);
    if (!row) rows.set(id, (row = { date, key: name, ...NOTHING }));
    row.hits += record.weight;
    row.transfer += record.contentLength * record.weight;
    row.errors += record.status >= 500 ? record.weight : 0;
    row.micros += Math.round(record.speed * 1e6) * record.weight;
    row.refused! += /^4/.test(String(record.status)) ? record.weight : 0;
    row.aborted! += record.outcome === 'aborted' ? record.weight : 0;
    const seen = record.date.toISOString();
    row.firstSeen = row.firstSeen === null || seen < row.firstSeen ? seen : row.firstSeen;
    row.lastSeen = row.lastSeen === null || seen > row.lastSeen ? seen : row.lastSeen;
  }
  return [...rows.values()].sort(
    (a, b) => compare(b.date, a.date) || Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)),
  );
}

/** Converts a storage's sums to totals. */
export function totalsOf(sums: readonly UsageSum[]): Totals[] {
  return sums.map(
    ({ date, duration, firstSeen, lastSeen, p50: _, p95: __, p99: ___, ...rest }) => ({
      ...rest,
      date: date.toISOString(),
      micros: Math.round(duration * 1e6),
      firstSeen: firstSeen && firstSeen.toISOString(),
      lastSeen: lastSeen && lastSeen.toISOString(),
    }),
  );
}

/** Copies totals, with null for the measures that version 0.1.0 does not have. */
export function unmeasured(totals: readonly Totals[]): Totals[] {
  const unknown = { refused: null, aborted: null, firstSeen: null, lastSeen: null };
  return totals.map((row) => ({ ...row, ...unknown }));
}

/** The key as sums report it: `(none)` for a missing key; real keys that read like it, escaped. */
function keyOf(key: string | null): string {
  if (key === null) return '(none)';
  const text = key.replace(/^\\+/, '');
  return text === '(none)' || text === '(other)' ? `\\${key}` : key;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
