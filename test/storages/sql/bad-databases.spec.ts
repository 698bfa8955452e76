import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { SqlStorage, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { DataSource } from 'typeorm';
import { afterAll, describe, expect, it } from 'vitest';
import { sumUrls } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { temporaryFolder } from './places.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const context = contextOf([sumUrls], { maxKeys: 100 });

describe('SqlStorage is given no clear database', () => {
  const dataSource = new DataSource({ type: 'sqljs' });
  it.each<[SqlStorageOptions, RegExp]>([
    [{ url: undefined }, /url: expected a URL such as.*but got undefined.*environment variable/],
    [{ database: undefined }, /database: expected the path.*but got undefined/],
    [{ dataSource: undefined }, /dataSource: expected.*but got undefined/],
    [{ connection: undefined }, /connection: expected.*but got undefined/],
    [{ url: '' }, /url: expected a URL such as/],
    [{ database: '' }, /database: expected/],
    [{ url: 'not a url' }, /url: expected postgres:.*option database/],
    [{ url: 'oracle://u:secret@h/d' }, /expected postgres:.*got 'oracle:\/\/u:\*\*\*@h\/d'/],
    [{ url: 'postgres://h/d', database: 'x.sqlite' }, /one of.*but got database and url/],
    [{ database: ':memory:', dataSource }, /one of.*but got database and dataSource/],
    [{ url: 5 } as never, /url: expected.*but got 5/],
    [{ recordTable: '' }, /recordTable: expected the name of a table, but got ''/],
    [{ summaryTable: ' ' }, /summaryTable: expected the name of a table, but got ' '/],
    [{ schema: '' }, /schema: expected the name of a schema, but got ''/],
    [{ recordTable: 5 } as never, /recordTable: expected.*but got 5/],
    [{ recordTable: 'a\0b' }, /recordTable: expected/],
    [{ recordTable: 'usage', summaryTable: 'usage' }, /expected another table than recordTable/],
    [{ connection: null } as never, /connection: expected.*but got null/],
  ])('%o: an error that says so', (options, message) => {
    expect(() => new SqlStorage(options)).toThrow(message);
    expect(() => new SqlStorage(options)).toThrow(TypeError);
  });
});

describe('SqlStorage cannot open its database', () => {
  const opening = (options: SqlStorageOptions) => new SqlStorage(options).open(context);

  it('names the server that does not answer, and no password', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    for (const scheme of ['postgres', 'mysql']) {
      const error = await opening({ url: `${scheme}://ada:hidden@127.0.0.1:${port}/shop` }).catch(
        (each: Error) => each,
      );
      expect(String(error)).toMatch(`${scheme}://ada:***@127.0.0.1:${port}/shop`);
      expect(String(error)).toMatch(/ECONNREFUSED.*Check that the address is right/);
      expect(String(error)).not.toMatch('hidden');
    }
  });

  it('says which kinds of database there are', async () => {
    const dataSource = { isInitialized: true, options: { type: 'mongodb' } } as DataSource;
    await expect(opening({ dataSource })).rejects.toThrow(/expected a database of.*got mongodb/);
  });

  it('names the package that is missing', async () => {
    const connection = { type: 'mssql', host: 'x', database: 'y' } as never;
    await expect(opening({ connection })).rejects.toThrow(
      /mssql.*Install it with: npm install mssql/,
    );
  });

  it('refuses a file that is no database', async () => {
    const database = join(folder.path, 'text.sqlite');
    writeFileSync(database, 'this is no database, however long its text may be '.repeat(99));
    await expect(opening({ database })).rejects.toThrow(
      /could not open.*text\.sqlite.*not a database/,
    );
  });

  it('refuses a folder', async () => {
    await expect(opening({ database: folder.path })).rejects.toThrow(/could not open the database/);
  });

  it('refuses a connection that may only read', async () => {
    const database = join(folder.path, 'read-only.sqlite');
    new Database(database).close();
    const connection = { type: 'better-sqlite3', database, readonly: true } as const;
    await expect(opening({ connection })).rejects.toThrow(/readonly/);
  });
});

describe('SqlStorage has lost its database', () => {
  const opened = async (options: SqlStorageOptions) => {
    const storage = new SqlStorage(options);
    await storage.open(context);
    return storage;
  };

  it('blames no record for a disk that is full, and goes on when there is room', async () => {
    const database = join(folder.path, 'full.sqlite');
    const dataSource = await new DataSource({ type: 'better-sqlite3', database }).initialize();
    const storage = await opened({ dataSource });
    const [{ page_count: pages }] = await dataSource.query('pragma page_count');
    await dataSource.query(`pragma max_page_count = ${pages + 3}`);
    const records = makeRecords(200);
    await expect(storage.store(records)).rejects.toMatchObject({ name: 'StorageUnavailableError' });
    expect(await storage.countUsage()).toBe(0);
    await dataSource.query('pragma max_page_count = 100000');
    await storage.store(records);
    expect(await storage.countUsage()).toBe(200);
    expect(await storage.verifySummaries()).toEqual([]);
    await dataSource.destroy();
  });

  it('blames no record for a database that became read-only', async () => {
    const database = join(folder.path, 'locked.sqlite');
    const dataSource = await new DataSource({ type: 'better-sqlite3', database }).initialize();
    const storage = await opened({ dataSource });
    await dataSource.query('pragma query_only = on');
    const records = makeRecords(3);
    await expect(storage.store(records)).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      message: expect.stringMatching(/readonly/),
    });
    await dataSource.query('pragma query_only = off');
    await storage.store(records);
    expect(await storage.countUsage()).toBe(3);
    await dataSource.destroy();
  });

  describeWithServer('POSTGRES', 'on PostgreSQL', (url) => {
    it('blames no record for connections that were cut, and connects again', async () => {
      const schema = `lost_${process.pid}`;
      const admin = await new DataSource({ type: 'postgres', url }).initialize();
      const storage = await opened({ url: `${url}?application_name=${schema}`, schema });
      const records = makeRecords(3);
      await storage.store(records.slice(0, 1));
      await admin.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
        [schema],
      );
      for (;;) {
        const error = await storage.store(records).then(
          () => null,
          (each: Error) => each,
        );
        if (!error) break;
        expect(error.name).toBe('StorageUnavailableError');
      }
      expect(await storage.countUsage()).toBe(3);
      await storage.close();
      await admin.query(`drop schema ${schema} cascade`);
      await admin.destroy();
    });
  });

  it('says that it is closed', async () => {
    const storage = await opened({ database: ':memory:' });
    await storage.close();
    await storage.close();
    await expect(storage.store(makeRecords(1))).rejects.toThrow(/sql is not open/);
    await expect(storage.getUsage()).rejects.toThrow(/sql is not open/);
  });
});
