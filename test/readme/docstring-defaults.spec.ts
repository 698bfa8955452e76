import { basename } from 'node:path';
import {
  MemoryStorage,
  OutputWriter,
  PrintWriter,
  SqliteStorage,
  type StorageOptions,
} from 'nestjs-track-usage';
import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { MongoPiggybackStorage, MongoStorage } from 'nestjs-track-usage/mongo';
import { MongooseStorage } from 'nestjs-track-usage/mongoose';
import { OpenTelemetryWriter } from 'nestjs-track-usage/opentelemetry';
import { PrometheusWriter } from 'nestjs-track-usage/prometheus';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { MongoClient } from 'mongodb';
import { connection } from 'mongoose';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { checkDashboardOptions } from '../../lib/dashboard/dashboard-options.js';
import { checkedLabels } from '../../lib/metrics/shared/label-options.js';
import { parseSumQuery, parseUsageQuery } from '../../lib/storages/base/parse-usage-query.js';
import { parseReportQuery } from '../../lib/storages/base/report/parse-report-query.js';
import { clickHouseTarget } from '../../lib/storages/clickhouse/clickhouse-storage.options.js';
import { couchTarget } from '../../lib/storages/couchdb/couchdb-storage.options.js';
import { mongoTarget } from '../../lib/storages/mongo/mongo-storage.options.js';
import { RedisKeys } from '../../lib/storages/redis/format/redis-keys.js';
import { redisTarget } from '../../lib/storages/redis/redis-storage.options.js';
import { sqliteFile } from '../../lib/storages/sqlite/sqlite-storage.options.js';
import { OptionSources } from './option-tables.js';
import { textOf } from './snippets.js';

const sources = new OptionSources();
const { address } = redisTarget({}) as { address: { host: string; port: number } };
const couch = couchTarget({}) as { url: string; database: string };
const clickHouse = clickHouseTarget({}) as { url: string; recordTable: string };
const labels = checkedLabels({}, 'a writer');
const report = parseReportQuery({});
const sums = parseSumQuery({});
const dashboard = checkDashboardOptions({ guards: 'none' });

/** What the code uses where an option is not given. */
const USED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  SqliteStorageOptions: { database: basename(sqliteFile({})!) },
  MongoStorageOptions: { port: Number(new URL(mongoTarget({ host: 'a' }).uri).port) },
  RedisStorageOptions: {
    host: address.host,
    port: address.port,
    keyPrefix: new RedisKeys().records.match(/^\{(.*)\}/)![1],
  },
  CouchDbStorageOptions: { url: new URL(couch.url).origin, database: couch.database },
  ClickHouseStorageOptions: {
    url: clickHouse.url,
    recordTable: clickHouse.recordTable,
    summaryTable: clickHouseTarget({}).summaryTable,
    batchSize: new ClickHouseStorage().options.batchSize,
    flushInterval: new ClickHouseStorage().options.flushInterval,
  },
  ClickHouseClusterOptions: {
    replicated: clickHouseTarget({ cluster: 'shards' }).cluster!.replicated,
  },
  MetricLabelOptions: {
    labels: { consumer: labels.hasConsumers },
    maxConsumers: labels.maxConsumers,
  },
  UsageDashboardOptions: { path: dashboard.path, records: dashboard.records },
  Page: { limit: parseUsageQuery({}).limit },
  SumQuery: { order: sums.order, periods: sums.periods },
  ReportQuery: { metrics: report.metrics, limit: report.limit },
};

describe('The docstrings of', () => {
  it.each(Object.entries(USED))('%s say the defaults that are used', (name, used) => {
    const said = new Map(sources.optionsOf(name).map((option) => [option.name, option.default]));
    for (const [option, value] of Object.entries(used))
      expect(said.get(option)?.replace(/(?<=\d)_/g, ''), option).toBe(literal(value));
  });
});

describe('The table of storages', () => {
  it('names each as it is called without `name`', async () => {
    const made: readonly { name: string; options?: StorageOptions }[] = [
      new MemoryStorage(),
      new PrintWriter(),
      new OutputWriter(),
      new SqliteStorage(),
      new SqlStorage(),
      new MongoStorage({ host: 'localhost' }),
      new MongoPiggybackStorage({ client: new MongoClient('mongodb://localhost') }),
      new MongooseStorage({ connection }),
      new RedisStorage(),
      new CouchDbStorage(),
      new ClickHouseStorage(),
      new PrometheusWriter({ registry: new Registry() }),
      new OpenTelemetryWriter(),
    ];
    const text = await textOf('docs/storages/index.md');
    const rows = text.matchAll(/^\| \[`(\w+)`\]\(.*?\) +\| `[\w/-]+` +\| `(\w+)` +\|/gm);
    const shown = [...rows].map(([, type, name]) => [type, name]);
    expect(shown).toEqual(made.map((storage) => [storage.constructor.name, storage.name]));
  });
});

/** As a docstring writes it. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return JSON.stringify(value).replaceAll(/[{}]|"(\w+)":/g, (part, name) =>
    name ? `${name}: ` : part === '{' ? '{ ' : ' }',
  );
}
