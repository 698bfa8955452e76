import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@clickhouse/client';
import type { UsageRecord } from 'nestjs-track-usage';
import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { countsOf, keepsDefault } from '../ingest/increments.js';
import type { Database, RawSide, TableNames } from './database.js';
import { COLUMNS, valuesOf } from './sql-rows.js';

const VARIABLE = 'TRACK_USAGE_TEST_CLICKHOUSE_URL';
const url = () => process.env[VARIABLE]!;
const SUM_COLUMNS = ['sum_hour', 'sum_day', 'sum_month', 'sum_hits', 'sum_slot'];
const KEYS: Readonly<Record<string, string>> = {
  url: 'key_url',
  remote: 'key_remote',
  userAgent: 'key_userAgent',
  language: 'key_language',
  server: 'key_server',
  ...(keepsDefault && {
    route: 'key_route',
    status: 'key_status',
    consumer: 'key_consumer',
    client: 'key_client',
    'consumer:route': 'key_consumer_3a_route',
    _records: 'key__5f_records',
  }),
};
const HOUR_MS = 3_600_000;
const NEWEST = 'ORDER BY date DESC, id DESC';

// The random part of an id, which has the date before it, as those of requests have.
const RANDOM = 'lower(hex(sipHash128(id, moved)))';
const MONTH = "toDateTime64(toStartOfMonth(fromUnixTimestamp64Milli(moved, 'UTC')), 3, 'UTC')";
/** What a copy of a record has of its own. */
const COPIED = [
  `concat(leftPad(lower(hex(intDiv(moved, 65536))), 8, '0'), '-', ` +
    `leftPad(lower(hex(toUInt16(moved % 65536))), 4, '0'), '-7', substring(${RANDOM}, 1, 3), '-8', ` +
    `substring(${RANDOM}, 4, 3), '-', substring(${RANDOM}, 7, 12)) AS id`,
  'moved AS date',
  'intDiv(moved, 3600000) * 3600000 AS sum_hour',
  'intDiv(moved, 86400000) * 86400000 AS sum_day',
  `toUnixTimestamp64Milli(${MONTH}) AS sum_month`,
];

export const database: Database = {
  title: 'ClickHouse',
  variable: VARIABLE,
  raw: '@clickhouse/client: one insert for each batch of the same rows',
  batchSize: 10_000,
  storage: (_scratch, tables, hooks) => new ClickHouseStorage({ url: url(), hooks, ...tables }),

  async openRaw(_scratch, { recordTable }): Promise<RawSide> {
    const client = createClient({ url: url(), clickhouse_settings: { async_insert: 0 } });
    const ask = async (query: string) =>
      (await client.query({ query, format: 'JSONCompactEachRow' })).json<unknown[]>();
    return {
      async write(batch, withSums) {
        const columns = [...COLUMNS, ...SUM_COLUMNS, ...(withSums ? Object.values(KEYS) : [])];
        await client.insert({
          table: recordTable,
          columns: columns as [string, ...string[]],
          values: batch.map((record) => rowOf(record, withSums)),
          format: 'JSONCompactEachRow',
        });
      },
      page: (limit, offset) =>
        ask(`SELECT * FROM ${recordTable} ${NEWEST} LIMIT ${limit} OFFSET ${offset}`),
      async *stream() {
        for (let where = ''; ;) {
          const rows = await ask(`SELECT * FROM ${recordTable} ${where} ${NEWEST} LIMIT 500`);
          yield* rows;
          if (rows.length < 500) return;
          const [id, date] = rows.at(-1) as [string, number];
          where = `WHERE (date, id) < (${date}, '${id}')`;
        }
      },
      sums: (period, first, last, limit) =>
        ask(
          `SELECT sum_${period}, key_url, sum(sum_hits), sumMap([sum_slot], [sum_hits]) ` +
            `FROM ${recordTable} FINAL WHERE sum_${period} BETWEEN ${first} AND ${last} ` +
            `GROUP BY 1, 2 ORDER BY 1 DESC, 2 LIMIT ${limit}`,
        ),
      byRoute: ({ platform, first, last, limit }) =>
        ask(
          `SELECT method, route, status, count() AS hits, countIf(status >= 500) FROM ${recordTable} ` +
            `FINAL WHERE ua_platform = '${platform}' AND date BETWEEN ${first} AND ${last} ` +
            `GROUP BY method, route, status ORDER BY hits DESC LIMIT ${limit}`,
        ),
      async count() {
        const [row] = await ask(`SELECT count() FROM ${recordTable} FINAL`);
        return Number(row![0]);
      },
      async close() {
        await client.close();
      },
    };
  },

  // Past hours are counted within five minutes, and parts are merged as the server sees fit.
  async settle(storage, tables) {
    const { hours } = (
      storage as unknown as { use(): { hours: { advance(): Promise<boolean> } } }
    ).use();
    // The storage may be at it.
    while (!(await hours.advance())) await delay(100);
    const client = createClient({ url: url(), request_timeout: 600_000 });
    for (const table of tablesOf(tables))
      await client.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
    await client.close();
  },

  async copy({ recordTable }, times, { start, end }) {
    const client = createClient({ url: url(), request_timeout: 600_000 });
    // As the storage notes its own writes: hours are counted meanwhile, and must not miss a copy.
    const hours = Array.from({ length: Math.ceil((end - start) / HOUR_MS) + 1 }, (_, at) => {
      return (Math.floor(start / HOUR_MS) + at) * HOUR_MS;
    });
    const note = (write: string, is_open: 0 | 1) =>
      client.insert({
        table: `${recordTable}_writes`,
        values: [{ write, is_open, first_date: hours[0], hours }],
        format: 'JSONEachRow',
      });
    const result = await client.query({
      query: `SELECT max(inserted_us) FROM ${recordTable}`,
      format: 'JSONCompactEachRow',
    });
    const [[last]] = (await result.json<[string]>()) as [[string]];
    const length = end - start;
    for (let copy = 1; copy < times; copy++) {
      // By days, so that neighbours are no copies of each other, and by a part of a record's step.
      const by = Math.floor((length * copy) / times) + 11 * copy;
      const write = randomUUID();
      await note(write, 1);
      await client.command({
        query:
          `INSERT INTO ${recordTable} (* EXCEPT(inserted_us, revision)) ` +
          `SELECT * EXCEPT(inserted_us, revision, moved) REPLACE(${COPIED.join(', ')}) ` +
          `FROM (SELECT *, toInt64(${start} + (date - ${start} + ${by}) % ${length}) AS moved ` +
          `FROM ${recordTable} WHERE inserted_us <= ${last})`,
      });
      await note(write, 0);
    }
    await client.close();
  },

  async drop(_scratch, tables) {
    const client = createClient({ url: url() });
    for (const table of tablesOf(tables))
      await client.command({ query: `DROP TABLE IF EXISTS ${table} SYNC` });
    await client.close();
  },
};

function tablesOf({ recordTable, summaryTable }: TableNames): string[] {
  return [
    recordTable,
    `${recordTable}_notes`,
    `${recordTable}_writes`,
    summaryTable,
    `${summaryTable}_hours`,
    `${summaryTable}_days`,
  ];
}

function rowOf(record: UsageRecord, withSums: boolean): unknown[] {
  const { keys, dates, hits, slot } = countsOf(record);
  const row: unknown[] = valuesOf(record);
  row.push(dates.hour, dates.day, dates.month, hits, slot);
  if (withSums)
    for (const dimension of Object.keys(KEYS))
      row.push((keys as Record<string, string>)[dimension]);
  return row;
}
