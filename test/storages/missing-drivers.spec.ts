import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

const fixture = fileURLToPath(new URL('./fixtures/without-package.mjs', import.meta.url));

it.each([
  ['mongodb', 'mongo', 'MongoStorage', { uri: 'mongodb://127.0.0.1:1' }],
  ['ioredis', 'redis', 'RedisStorage', { url: 'redis://127.0.0.1:1' }],
  ['better-sqlite3', 'sql', 'SqlStorage', { database: ':memory:' }],
  ['typeorm', 'sql', 'SqlStorage', { url: 'postgres://127.0.0.1:1/none' }],
  ['better-sqlite3', '', 'SqliteStorage', {}],
  ['nano', 'couchdb', 'CouchDbStorage', { url: 'http://127.0.0.1:1' }],
  ['@clickhouse/client', 'clickhouse', 'ClickHouseStorage', { url: 'http://127.0.0.1:1' }],
  ['prom-client', 'prometheus', 'PrometheusWriter', {}],
  ['@opentelemetry/api', 'opentelemetry', 'OpenTelemetryWriter', {}],
])(
  'A storage whose driver %s is not installed says so at start, and what to do',
  async (driver, entry, className, options) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      fixture,
      driver,
      `nestjs-track-usage${entry && `/${entry}`}`,
      className,
      JSON.stringify(options),
    ]);
    expect(stdout).toMatch(
      new RegExp(`^${className}.*package ${driver}.*not installed.*npm install ${driver}\\b`, 's'),
    );
  },
);
