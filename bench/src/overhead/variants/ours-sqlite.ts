import Database from 'better-sqlite3';
import { join } from 'node:path';
import { sumBasic, TrackUsageModule, UsageService } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { TRAFFIC } from '../../traffic.js';
import type { Tally, Variant } from '../variant.js';

const fileIn = (scratch: string) => join(scratch, 'usage.sqlite');

export const variant: Variant = {
  title: 'nestjs-track-usage, SQLite and sumBasic',
  keeps: 'full records and five summaries by hour, day and month, in SQLite',
  modules: (scratch) => [
    TrackUsageModule.forRoot({
      mode: 'include',
      storages: [new SqlStorage({ database: fileIn(scratch), hooks: [...sumBasic] })],
    }),
  ],
  async settle(app) {
    await app.get(UsageService).flush();
  },
  // Asks the file itself, past the library.
  check(_app, sent, scratch) {
    const database = new Database(fileIn(scratch), { readonly: true });
    try {
      return [...missingRecords(database, sent), ...missingSums(database, sent)];
    } finally {
      database.close();
    }
  },
};

interface Row {
  readonly name: string;
  readonly n: number;
}

function missingRecords(database: Database.Database, sent: Tally): string[] {
  const stored = database
    .prepare<[], Row>(
      `select url || ' ' || ua_string as name, count(*) as n from usage_records group by 1`,
    )
    .all();
  const expected = countsBy(
    sent,
    ({ target, userAgent }) => `http://shop.example${target} ${userAgent}`,
  );
  return differences('records', expected, stored);
}

function missingSums(database: Database.Database, sent: Tally): string[] {
  const total = sent.reduce((sum, count) => sum + count, 0);
  const dimensions = ['url', 'remote', 'userAgent', 'language', 'server'];
  const totals = new Map(
    dimensions.flatMap((dimension) =>
      ['hour', 'day', 'month'].map((period) => [`${dimension} ${period}`, total]),
    ),
  );
  const storedTotals = database
    .prepare<[], Row>(
      `select dimension || ' ' || period as name, sum(hits) as n from usage_summaries
       where dimension <> '_records' group by 1`,
    )
    .all();
  const storedUrls = database
    .prepare<[], Row>(
      `select coalesce(long_key, key) as name, sum(hits) as n from usage_summaries
       where dimension = 'url' and period = 'month' group by 1`,
    )
    .all();
  return [
    ...differences('sums', totals, storedTotals),
    ...differences(
      'sums by url',
      countsBy(sent, ({ url }) => url),
      storedUrls,
    ),
  ];
}

function countsBy(sent: Tally, name: (request: (typeof TRAFFIC)[number]) => string) {
  const counts = new Map<string, number>();
  for (const [index, request] of TRAFFIC.entries()) {
    const count = sent[index] ?? 0;
    if (count > 0) counts.set(name(request), (counts.get(name(request)) ?? 0) + count);
  }
  return counts;
}

function differences(what: string, expected: Map<string, number>, stored: Row[]): string[] {
  const found = new Map(stored.map(({ name, n }) => [name, n]));
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((name) => expected.get(name) !== found.get(name))
    .map((name) => `${what}: ${name}: sent ${expected.get(name)}, stored ${found.get(name)}`);
}
