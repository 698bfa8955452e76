import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { sqliteDialect } from '../../../lib/storages/sql/dialects/sqlite.dialect.js';
import { migrate } from '../../../lib/storages/sql/format/migrate.js';
import { plainLayout } from '../../../lib/storages/sql/layout/plain-layout.js';
import { rowOfRecord } from '../../../lib/storages/sql/records/record-mapper.js';
import { EngineWriter } from '../../../lib/storages/sql/records/batch-writer.js';
import type { SqlResult, SqlStatement } from '../../../lib/storages/sql/sql-statement.js';
import { BetterSqlite3Handle } from '../../../lib/storages/sql/sqlite/better-sqlite3.handle.js';
import { SqliteEngine } from '../../../lib/storages/sql/sqlite/sqlite.engine.js';
import { sumIncrements } from '../../../lib/storages/sql/summaries/sum-mapper.js';
import { WrittenLatencies } from '../../../lib/storages/sql/summaries/writer-caches.js';
import { sumUrls } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { decodeLatency, Summarizer } from '../../../lib/summary/index.js';

/** Fails to commit as often as it is told, as where a reader is in the way. */
class BusyHandle extends BetterSqlite3Handle {
  failures = 0;

  override run(statement: SqlStatement): SqlResult {
    if (statement.sql !== 'commit' || this.failures === 0) return super.run(statement);
    this.failures--;
    throw Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
  }
}

it('SqlStorage counts each record once, and each row, though commits fail and are repeated', async () => {
  const database = new Database(':memory:');
  const handle = new BusyHandle(database);
  const engine = new SqliteEngine(handle, async () => {});
  const layout = plainLayout(sqliteDialect, {});
  await engine.exclusively(() => migrate(layout));
  const writer = new EngineWriter(engine, layout, 100, new WrittenLatencies());
  const summarizer = new Summarizer({ summaries: [sumUrls], timeZone: 'UTC' });
  const records = makeRecords(60).map((record, index) => ({
    ...record,
    url: `http://shop.example/cats/${index % 20}`,
  }));

  for (let at = 0; at < 60; at += 15) {
    const part = records.slice(at, at + 15);
    handle.failures = 2;
    await writer.write({
      rows: part.map(rowOfRecord),
      increments: sumIncrements(summarizer.summarize(part)),
    });
  }

  const sums = database
    .prepare<[], { hits: number; latency: string }>('select hits, latency from usage_summaries')
    .all();
  for (const { hits, latency } of sums)
    expect([...decodeLatency(latency).values()].reduce((a, b) => a + b)).toBe(hits);
  expect(sums.reduce((total, { hits }) => total + hits, 0)).toBe(3 * 60);
  const { rows } = database
    .prepare<[], { rows: number }>('select sum(keys) as rows from usage_summaries_buckets')
    .get()!;
  expect(rows).toBe(sums.length);
  database.close();
});
