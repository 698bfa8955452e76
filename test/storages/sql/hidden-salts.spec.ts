import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions, type Logger } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace, SQL_SERVERS, tablesOf } from './places.js';

const SALT = 'a-salt-that-nobody-may-read_0123456789';

const DATABASES: [string, DataSourceOptions | undefined][] = [
  ['SQLite', { type: 'better-sqlite3', database: ':memory:' }],
  ['sql.js', { type: 'sqljs' }],
  ...SQL_SERVERS,
];

describe.each(DATABASES)('The salt of a day on %s', (_name, connection) => {
  it.skipIf(!connection)(
    'is in no line of an application that has its queries logged',
    async () => {
      const lines: string[] = [];
      const note = (...given: unknown[]) => lines.push(JSON.stringify(given.slice(0, -1)));
      const logger = {
        logQuery: note,
        logQueryError: note,
        logQuerySlow: note,
        logSchemaBuild: note,
        logMigration: note,
        log: note,
      } as Logger;
      const dataSource = await new DataSource({ ...connection!, logger }).initialize();
      const place = `h${process.pid}`;
      const storage = new SqlStorage({ dataSource, ...tablesOf(place) });
      await storage.open(contextOf([], { maxKeys: 10 }));
      expect(await storage.dailySalt('2026-11-23', SALT)).toBe(SALT);
      expect(await storage.dailySalt('2026-11-23', 'another')).toBe(SALT);
      await dataSource.query(`drop table r_${place}_salts`);
      await storage.dailySalt('2026-11-24', SALT).catch((error: Error) => note(String(error), 0));
      expect(lines.join('\n')).toContain('r_');
      expect(lines.join('\n')).not.toContain(SALT);
      await dropPlace(dataSource, place);
      await dataSource.destroy();
    },
  );
});
