import { createRequire } from 'node:module';
import { SqlStorage, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unusualRecords } from '../../support/contract-parts.js';
import { makeRecords } from 'nestjs-track-usage/testing';
import { sumUrls } from 'nestjs-track-usage';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace, isMysql, SQL_SERVERS, tablesOf } from './places.js';

const context = contextOf([sumUrls], { maxKeys: 1000 });
type Change = Record<string, unknown>;
/** A value as mysql2 hands it to `typeCast`. */
interface Field {
  readonly type: string;
  string(encoding?: string): string | null;
}

let places = 0;
let place: string;
beforeEach(() => void (place = `e${process.pid}_${places++}`));

describe.each(SQL_SERVERS)("The application's connection to %s", (_name, connection) => {
  if (!connection) return it.skip('has no address');
  let admin: DataSource;
  beforeAll(async () => {
    admin = await new DataSource(connection).initialize();
  });
  afterAll(() => admin.destroy());

  /** Opens a storage on a connection with other options, or whose pool makes other connections. */
  const opened = async (change: Change, statement?: string) => {
    const dataSource = new DataSource({ ...connection, ...change });
    await dataSource.initialize();
    if (statement) onEachConnection(dataSource, statement);
    const storage = new SqlStorage({ dataSource, ...tablesOf(place) });
    return { dataSource, storage, opening: storage.open(context) };
  };

  const refuses = (what: string, message: RegExp, change: Change, statement?: string) =>
    it(`is refused with ${what}, and no table is made`, async () => {
      const { dataSource, opening } = await opened(change, statement);
      try {
        await expect(opening).rejects.toThrow(message);
        const { recordTable } = tablesOf(place);
        const sql = 'select 1 from information_schema.tables where table_name = ';
        expect(await admin.query(`${sql}'${recordTable}'`)).toEqual([]);
      } finally {
        await dataSource.destroy();
      }
    });

  const serves = (what: string, change: Change, statement?: string) =>
    it(`serves with ${what}`, async () => {
      const { dataSource, storage, opening } = await opened(change, statement);
      const reader = new SqlStorage({ dataSource: admin, ...tablesOf(place) });
      try {
        await opening;
        await reader.open(context);
        const records = [...unusualRecords(), ...makeRecords(3, () => ({ authorization: true }))];
        await storage.store(records);
        await storage.store(records.slice(2));
        for (const each of [storage, reader]) {
          expect(byId(await each.getUsage())).toEqual(byId(records));
          expect(await each.countUsage({ where: { route: records[0]!.route } })).toBeGreaterThan(0);
          const { month } = await each.getSum('url');
          expect(month.reduce((sum, { hits }) => sum + hits, 0)).toBeGreaterThanOrEqual(
            records.length,
          );
          expect(await each.verifySummaries()).toEqual([]);
        }
        const pruned = await storage.prune({ records: new Date(9e12) });
        expect(pruned.records).toBe(records.length - (await reader.countUsage()));
        expect(pruned.records).toBeGreaterThan(30);
      } finally {
        await dropPlace(admin, place);
        await dataSource.destroy();
      }
    });

  if (isMysql(connection)) {
    for (const charset of 'latin1_swedish utf8_general ascii_general gbk_chinese'.split(' '))
      refuses(`charset ${charset}`, /character set.*utf8mb4/, {
        charset: `${charset}_ci`.toUpperCase(),
      });
    refuses('a session of latin1', /latin1.*utf8mb4/, {}, 'set names latin1');
    // mysql2 hears of that, and takes the other one itself.
    serves(
      'a driver of latin1 and a session of utf8mb4',
      { charset: 'LATIN1_SWEDISH_CI' },
      'set names utf8mb4',
    );
    const mode = "set session sql_mode = concat(@@sql_mode, ',NO_BACKSLASH_ESCAPES')";
    refuses('NO_BACKSLASH_ESCAPES', /sql_mode has NO_BACKSLASH_ESCAPES.*Take/, {}, mode);
    if (connection.type === 'mariadb')
      refuses(
        'EMPTY_STRING_IS_NULL',
        /EMPTY_STRING_IS_NULL/,
        {},
        "set sql_mode = 'EMPTY_STRING_IS_NULL'",
      );
    if (connection.type === 'mysql')
      refuses('JSON read as another encoding', /gives back.*typeCast/, {
        extra: {
          typeCast: (field: Field, next: () => unknown) =>
            field.type === 'JSON' ? field.string('latin1') : next(),
        },
      });

    it('is checked anew for each connection that its pool makes', async () => {
      const { dataSource, storage, opening } = await opened({ poolSize: 1 });
      try {
        await opening;
        const [record] = makeRecords(1, () => ({ username: "', '') -- " }));
        onEachConnection(dataSource, mode);
        const [{ id }] = await dataSource.query('select connection_id() as id');
        await admin.query(`kill ${id}`);
        await expect.poll(() => storage.store([record!]).catch(String)).toMatch(/NO_BACKSLASH/);
        await expect(storage.getUsage({ where: { username: "' or 1 -- " } })).rejects.toThrow(
          /NO_BACKSLASH/,
        );
        expect(await admin.query(`select * from ${tablesOf(place).recordTable}`)).toEqual([]);
      } finally {
        await dropPlace(admin, place);
        await dataSource.destroy();
      }
    });

    it('of its own is refused too', async () => {
      const own: SqlStorageOptions = {
        connection: { ...connection, charset: 'LATIN1_SWEDISH_CI' } as never,
      };
      await expect(new SqlStorage(own).open(context)).rejects.toThrow(/latin1.*utf8mb4/);
    });

    const typeCast = (field: Field, next: () => unknown) =>
      field.type === 'TINY' ? field.string() === '1' : next();
    serves('numbers and dates as text', {
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      timezone: '-08:00',
    });
    serves('decimals as numbers', { extra: { decimalNumbers: true, jsonStrings: true } });
    serves('several statements and placeholders by name', {
      multipleStatements: true,
      extra: { namedPlaceholders: true },
    });
    serves('flags as booleans', { extra: { typeCast } });
    serves('changed rows counted, not found ones', { extra: { flags: ['-FOUND_ROWS'] } });
    return;
  }

  /** Parsers for some types, as `pg.types.setTypeParser` sets them. */
  const parsing = (parsers: Record<number, (value: string) => unknown>) => ({
    extra: { types: { getTypeParser: (type: number) => parsers[type] ?? types(type) } },
  });
  let types: (type: number) => unknown;
  beforeAll(() => {
    const pg: { types: { getTypeParser(type: number, format: 'text'): unknown } } = createRequire(
      import.meta.url,
    )('pg');
    types = (type) => pg.types.getTypeParser(type, 'text');
  });
  refuses(
    'client_encoding latin1',
    /client_encoding is LATIN1/i,
    {},
    "set client_encoding = 'LATIN1'",
  );
  refuses(
    'numbers that become something else',
    /gives back.*setTypeParser/,
    parsing({ 20: (value) => ({ value }) }),
  );
  refuses(
    'JSON that becomes something else',
    /gives back.*setTypeParser/,
    parsing({ 3802: () => ({ A: 1 }) }),
  );
  serves('whole numbers as BigInt', parsing({ 20: BigInt, 1700: Number }));
  serves('whole numbers as numbers', parsing({ 20: Number }));
  serves(
    'JSON, flags and dates as text',
    parsing({ 114: String, 3802: String, 16: String, 1184: String }),
  );

  it.each(['LATIN1', 'SQL_ASCII', 'EUC_JP'])('to a database of %s is refused', async (encoding) => {
    await admin.query(
      `create database ${place} encoding '${encoding}' template template0 lc_collate 'C' lc_ctype 'C'`,
    );
    const url = new URL((connection as { url: string }).url);
    url.pathname = place;
    try {
      const storage = new SqlStorage({ url: url.href });
      await expect(storage.open(context)).rejects.toThrow(
        new RegExp(`encoding is ${encoding}.*encoding 'UTF8'`),
      );
    } finally {
      await admin.query(`drop database ${place}`);
    }
  });
});

function onEachConnection(dataSource: DataSource, statement: string): void {
  const { master, pool } = dataSource.driver as any;
  const run = (each: any) => void each.query(statement, () => {});
  if (master) master.on('acquire', run);
  else pool.on('acquire', run);
}

function byId<T extends { id: string }>(records: readonly T[]): T[] {
  return [...records].sort((a, b) => (a.id < b.id ? -1 : 1));
}
