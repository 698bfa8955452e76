import { createClient } from '@clickhouse/client';
import type { UsageRecord } from 'nestjs-track-usage';
import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { countsOf } from '../ingest/increments.js';
import type { Database, RawSide } from './database.js';
import { COLUMNS, valuesOf } from './sql-rows.js';

const VARIABLE = 'TRACK_USAGE_TEST_CLICKHOUSE_URL';
const url = () => process.env[VARIABLE]!;
const SUM_COLUMNS = ['sum_hour', 'sum_day', 'sum_month', 'sum_hits', 'sum_slot'];
const KEYS = {
  url: 'key_url',
  remote: 'key_remote',
  userAgent: 'key_userAgent',
  language: 'key_language',
  server: 'key_server',
};
const NEWEST = 'ORDER BY date DESC, id DESC';

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

  async drop(_scratch, { recordTable, summaryTable }) {
    const client = createClient({ url: url() });
    for (const table of [
      recordTable,
      `${recordTable}_notes`,
      `${recordTable}_writes`,
      summaryTable,
      `${summaryTable}_hours`,
    ])
      await client.command({ query: `DROP TABLE IF EXISTS ${table} SYNC` });
    await client.close();
  },
};

function rowOf(record: UsageRecord, withSums: boolean): unknown[] {
  const { keys, dates, hits, slot } = countsOf(record);
  const row: unknown[] = valuesOf(record);
  row.push(dates.hour, dates.day, dates.month, hits, slot);
  if (withSums)
    for (const dimension of Object.keys(KEYS)) row.push(keys[dimension as keyof typeof KEYS]);
  return row;
}
