import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions, type EntitySubscriberInterface } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { sumUrls } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace, SQL_SERVERS, tablesOf } from './places.js';

const DATABASES: [string, DataSourceOptions | undefined][] = [
  ['SQLite', { type: 'better-sqlite3', database: ':memory:' }],
  ['sql.js', { type: 'sqljs' }],
  ...SQL_SERVERS,
];

const ADDRESS = '203.0.113.77';

describe.each(DATABASES)('An application that has its queries logged, on %s', (_, connection) => {
  it.skipIf(!connection)('reads no record in its log, and goes on reading its own', async () => {
    const lines: string[] = [];
    const heard: string[] = [];
    const slow: string[] = [];
    const text = (given: unknown[]) => JSON.stringify(given.slice(0, -1));
    const note = (...given: unknown[]) => void lines.push(text(given));
    const logger = {
      logQuery: note,
      logQueryError: note,
      logQuerySlow: (...given: unknown[]) => void slow.push(text(given)),
      logSchemaBuild: note,
      logMigration: note,
      log: note,
    };
    class Subscriber implements EntitySubscriberInterface {
      beforeQuery({ query, parameters }: { query: string; parameters?: unknown }) {
        heard.push(JSON.stringify([query, parameters]));
      }
    }
    const dataSource = await new DataSource({
      ...connection!,
      logger,
      subscribers: [Subscriber],
      maxQueryExecutionTime: 1,
    }).initialize();
    const place = `l${process.pid}`;
    const hooks = [sumUrls];
    const storage = new SqlStorage({ dataSource, hooks, ...tablesOf(place) });
    await storage.open(contextOf(hooks, { maxKeys: 10 }));
    lines.length = 0;
    await storage.store(makeRecords(300, { remoteAddr: ADDRESS }));
    expect(await storage.countUsage({ where: { remoteAddr: ADDRESS } })).toBe(300);
    expect(await storage.verifySummaries()).toEqual([]);
    await storage.forget({ remoteAddr: ADDRESS });
    await dropPlace(dataSource, place);
    // Gone, so that each statement is an error.
    await expect(storage.countUsage({ where: { remoteAddr: ADDRESS } })).rejects.toThrow();
    await dataSource.query("select 'of the application'");
    await storage.close();
    await dataSource.destroy();
    expect([...lines, ...slow, ...heard].join('\n')).not.toContain(ADDRESS);
    expect([...lines, ...heard].join('\n')).not.toMatch(/insert into|commit/i);
    // Those that took long are told, in short.
    expect(slow.filter((line) => line.length > 150)).toEqual([]);
    expect(lines.join('\n')).toContain('of the application');
  });
});
