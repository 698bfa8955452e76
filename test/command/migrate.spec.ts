import { makeRecords } from 'nestjs-track-usage/testing';
import { sumBasic } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clickhouse, mariadb, mysql, newPlace, postgres, sqlite } from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { clickHouse } from '../storages/clickhouse/places.js';
import { contextOf } from '../support/storage-context.js';
import { flagsOf } from './places.js';
import { runCommand } from './run-command.js';

describe('Tables that migrate makes', () => {
  describeDatabases([postgres, mariadb, mysql, sqlite, clickhouse], (database, url) => {
    let place: string;
    let flags: string[];
    let connection: Connection;
    const run = (...args: string[]) => runCommand([...args, ...flags]);
    const json = async (...args: string[]) =>
      JSON.parse((await run(...args, '--json')).stdout) as { pending: string[]; done: string[] };

    beforeEach(async () => {
      place = newPlace();
      const { options } = database.recipe(url, place);
      flags = flagsOf(options);
      connection = await connect(url, options);
    });
    afterEach(async () => {
      await connection.destroy();
      await database.remove(url, place);
    });

    it('are made, and nothing is left to do', async () => {
      const { pending } = await json('migrate', '--status');
      expect(pending.length).toBeGreaterThan(0);
      expect((await run('report')).code).toBe(3);
      expect(await json('migrate')).toEqual({ pending: [], done: pending });
      expect(await json('migrate', '--status')).toEqual({ pending: [], done: [] });
      expect((await run('report')).code).toBe(0);
    });

    it('are made of the statements that it prints', async () => {
      const { code, stdout } = await run('migrate', '--sql');
      expect(code).toBe(0);
      for (const statement of stdout.replace(/^--.*$/gm, '').split(/;\n/))
        if (statement.trim() !== '') await connection.query(statement);
      expect(await json('migrate', '--status')).toEqual({ pending: [], done: [] });
      const report = await run('report', '--json');
      expect(JSON.parse(report.stdout)).toMatchObject({ totals: { hits: 0 } });
    });
  });

  describeDatabases([postgres, mysql], (database, url) => {
    it('serve an application that may only read and write rows', async () => {
      const place = newPlace();
      const { options } = database.recipe(url, place);
      expect((await runCommand(['migrate', ...flagsOf(options)])).code).toBe(0);
      const type = new URL(url).protocol.slice(0, -1) as 'postgres' | 'mysql';
      const admin = await new DataSource({ type, url }).initialize();
      const user = `u${place}`.slice(0, 16);
      const tables = await tablesOf(admin, type, place);
      const who = type === 'mysql' ? `'${user}'@'%'` : `"${user}"`;
      const quote = (name: string) => (type === 'mysql' ? `\`${name}\`` : `"${name}"`);
      try {
        if (type === 'mysql') await admin.query(`create user ${who} identified by 'rows-only'`);
        else await admin.query(`create role ${who} login password 'rows-only'`);
        for (const table of tables)
          await admin.query(`grant select, insert, update, delete on ${quote(table)} to ${who}`);
      } catch {
        // The server's user may make no others: there is nobody to try it with.
        await admin.query(`drop ${type === 'mysql' ? 'user' : 'role'} if exists ${who}`);
        await admin.destroy();
        await database.remove(url, place);
        return;
      }
      const limited = new URL(url);
      limited.username = user;
      limited.password = 'rows-only';
      const hooks = [sumBasic];
      const storage = new SqlStorage({ ...options, url: limited.href, hooks });
      try {
        await storage.open(contextOf(hooks));
        await storage.store(makeRecords(5));
        expect(await storage.countUsage()).toBe(5);
        expect(await storage.verifySummaries()).toEqual([]);
        await storage.close();
      } finally {
        for (const table of tables) await admin.query(`revoke all on ${quote(table)} from ${who}`);
        await admin.query(`drop ${type === 'mysql' ? 'user' : 'role'} ${who}`);
        await admin.destroy();
        await database.remove(url, place);
      }
    });
  });
});

/** What runs statements as an administrator does. */
type Connection = Pick<DataSource, 'query' | 'destroy'>;

async function connect(
  url: string,
  options: Readonly<Record<string, unknown>>,
): Promise<Connection> {
  if (url.startsWith('http'))
    return { query: (sql: string) => clickHouse(url, sql) as Promise<never>, async destroy() {} };
  const given = url
    ? { type: new URL(url).protocol.slice(0, -1), url }
    : { type: 'better-sqlite3', database: options['database'] };
  return new DataSource(given as DataSourceOptions).initialize();
}

async function tablesOf(admin: DataSource, type: string, place: string): Promise<string[]> {
  const schema = type === 'mysql' ? 'database()' : 'current_schema()';
  const rows = await admin.query<{ name: string }[]>(
    `select table_name as name from information_schema.tables where table_schema = ${schema} ` +
      `and table_name like '%${place}%' and table_type = 'BASE TABLE'`,
  );
  return rows.map(({ name }) => name);
}
