import type { EventEmitter } from 'node:events';
import { StorageUnavailableError, sumStatuses } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { storeError } from '../../../lib/storages/sql/connection/failures.js';
import { makeRecords } from 'nestjs-track-usage/testing';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace, isMysql, SQL_SERVERS, tablesOf } from './places.js';
import { connectionsRunning } from './statements.js';

const context = contextOf([sumStatuses], { maxKeys: 100 });
const DATE = new Date(Date.UTC(2026, 5, 1, 12));

let places = 0;

/** A storage on one connection of the application's, which can be spoiled. */
class Subject {
  readonly place = `o${process.pid}_${places++}`;
  readonly tables = tablesOf(this.place);
  readonly dataSource: DataSource;
  readonly storage: SqlStorage;
  /** The same tables, by a connection that nothing happens to. */
  readonly reader: SqlStorage;
  stored = 0;

  constructor(
    readonly admin: DataSource,
    options: DataSourceOptions,
  ) {
    this.dataSource = new DataSource({ ...options, poolSize: 1 } as DataSourceOptions);
    this.storage = new SqlStorage({ dataSource: this.dataSource, ...this.tables });
    this.reader = new SqlStorage({ dataSource: admin, ...this.tables });
  }

  /** Stores records; what comes of it. */
  store(count = 3): Promise<Error | null> {
    this.stored += count;
    const records = makeRecords(count, () => ({ date: DATE, status: 200 }));
    const store = () =>
      this.storage.store(records).then(
        () => null,
        (error: Error) => error,
      );
    this.again = store;
    return store();
  }

  /** Opens both; the sums have rows from then on. */
  async open(): Promise<void> {
    await this.reader.open(context);
    await this.storage.open(context);
    await this.reader.store(makeRecords(1, () => ({ date: DATE, status: 200 })));
    this.stored++;
  }

  /** Stores the last records again. */
  again: () => Promise<Error | null> = async () => null;

  /** Every record is there once, and counted once. */
  async isExact(): Promise<void> {
    expect(await this.reader.countUsage()).toBe(this.stored);
    const { day } = await this.reader.getSum('status');
    expect(day.map(({ hits }) => hits)).toEqual([this.stored]);
    expect(await this.reader.verifySummaries()).toEqual([]);
  }

  /** The connection that holds the lock of `whileLocked`. */
  private locker: number | null = null;

  /** Locks the rows of the sums in a transaction of somebody else's, while something is done. */
  async whileLocked<T>(work: () => Promise<T>): Promise<T> {
    const other: QueryRunner = this.admin.createQueryRunner();
    await other.startTransaction();
    if (isMysql(this.admin.options)) {
      const [found] = await other.query('select connection_id() as id');
      this.locker = Number(found.id);
    }
    try {
      await other.query(`update ${this.tables.summaryTable} set hits = hits`);
      return await work();
    } finally {
      await other.rollbackTransaction();
      await other.release();
    }
  }

  /** The connections that may be waiting for a lock of the storage's. */
  async waiting(): Promise<number[]> {
    // A server may show a statement whose answer has been read: that of the locker is none of them.
    if (isMysql(this.admin.options))
      return (await connectionsRunning(this.admin, `s_${this.place}`)).filter(
        (id) => id !== this.locker,
      );
    const sql =
      "select pid as id from pg_stat_activity where wait_event_type = 'Lock' and query like $1";
    const rows: { id: unknown }[] = await this.admin.query(sql, [`%s_${this.place}%`]);
    return rows.map(({ id }) => Number(id));
  }

  async end(): Promise<void> {
    await this.storage.close();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
    await dropPlace(this.admin, this.place);
  }
}

const outage = (code: string | number | RegExp) =>
  expect.objectContaining({
    name: 'StorageUnavailableError',
    cause:
      code instanceof RegExp
        ? expect.objectContaining({ message: expect.stringMatching(code) })
        : expect.objectContaining(typeof code === 'number' ? { errno: code } : { code }),
  });

/** What is used of a client of pg. */
interface PgClient {
  query(...given: unknown[]): unknown;
}

/** Keeps the process busy before each insert: to the server its transaction is idle meanwhile. */
function isBusyBeforeInserts(client: PgClient): void {
  const query = client.query.bind(client);
  client.query = (...given) => {
    const [statement] = given as [string | { text?: string }];
    const sql = typeof statement === 'string' ? statement : statement.text;
    if (sql?.startsWith('insert')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    return query(...given);
  };
}

/** Codes that speak of a record, and some of each class that do not. */
const POSTGRES_CODES = {
  record: '21000 22001 22003 22007 22021 22P02 22P05 23502 23505 23514 44000 54000 54001 P0001',
  outage:
    '08000 08006 0A000 25006 25P02 25P03 25P04 26000 28000 28P01 3D000 40001 40003 42501 42703 ' +
    '42P01 53000 53100 53200 53300 55000 55006 57000 57014 57P01 57P02 57P03 57P04 57P05 58000 ' +
    '58030 58P01 72000 F0000 XX000 XX001',
};
const MYSQL_CODES = {
  record: '1048 1064 1153 1264 1292 1366 1390 1406 1452 1644 3140 3819 4025',
  outage:
    '1021 1030 1037 1038 1040 1041 1042 1044 1045 1047 1053 1105 1114 1129 1142 1146 1158 ' +
    '1159 1160 1161 1180 1194 1203 1205 1226 1290 1317 1615 1637 1792 1836 1927 1969 2006 2013 ' +
    '3024 3100 3101 3169 3572',
};

describe.each(SQL_SERVERS)('What %s says', (_name, connection) => {
  if (!connection) return it.skip('has no address');
  const mysql = isMysql(connection);
  let admin: DataSource;
  beforeAll(async () => {
    admin = await new DataSource(connection).initialize();
  });
  afterAll(() => admin.destroy());
  // No pauses between one try and the next.
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(-0.5));
  afterEach(() => void vi.restoreAllMocks());

  const test = (
    title: string,
    run: (subject: Subject) => Promise<void>,
    options: Record<string, unknown> = {},
  ) =>
    it(title, async () => {
      const subject = new Subject(admin, { ...connection, ...options });
      try {
        await subject.open();
        await run(subject);
        await subject.isExact();
      } finally {
        await subject.end();
      }
    });

  /** What one statement that is killed, cancelled or forbidden makes of a batch. */
  const session = (
    code: string | number,
    begin: string,
    end: string,
    around: (subject: Subject, work: () => Promise<void>) => Promise<void> = (_, work) => work(),
  ) =>
    test(`${code} of "${begin}" is blamed on no record`, async (subject) => {
      await around(subject, async () => {
        await subject.dataSource.query(begin);
        expect(await subject.store()).toEqual(outage(code));
        await subject.dataSource.query(end);
      });
      expect(await subject.again()).toBe(null);
    });
  const locked = (subject: Subject, work: () => Promise<void>) => subject.whileLocked(work);

  // A trigger raises whatever code it is told to, as the server itself would.
  test('is blamed on a record only where it speaks of one', async (subject) => {
    const { recordTable } = subject.tables;
    const fault = `f_${subject.place}`;
    await admin.query(`create table ${fault} (code varchar(5))`);
    for (const sql of mysql ? mysqlTrigger(recordTable, fault) : trigger(recordTable, fault))
      await admin.query(sql);
    try {
      const codes = mysql ? MYSQL_CODES : POSTGRES_CODES;
      const mark = mysql ? '?' : '$1';
      let isFirst = true;
      for (const blamed of ['record', 'outage'] as const)
        for (const code of codes[blamed].split(' ')) {
          await admin.query(`insert into ${fault} values (${mark})`, [code]);
          const error = isFirst ? await subject.store() : await subject.again();
          isFirst = false;
          expect([code, error?.name === 'StorageUnavailableError']).toEqual([
            code,
            blamed === 'outage',
          ]);
          await admin.query(`delete from ${fault}`);
        }
      expect(await subject.again()).toBe(null);
    } finally {
      await admin.query(`drop table ${fault}`);
      await subject.isExact();
      if (!mysql) await admin.query(`drop function ${fault}() cascade`);
    }
  });

  test('while a table is away is blamed on no record', async (subject) => {
    const { recordTable } = subject.tables;
    await admin.query(`alter table ${recordTable} rename to ${recordTable}_away`);
    expect(await subject.store()).toEqual(outage(mysql ? 1146 : '42P01'));
    await admin.query(`alter table ${recordTable}_away rename to ${recordTable}`);
    expect(await subject.again()).toBe(null);
  });

  // The client stops waiting, and the server goes on: whose transaction is it then?
  test(
    'too late for the client is blamed on no record, and its connection is used no more',
    async (subject) => {
      const first = await subject.whileLocked(async () => {
        const late = outage(/timeout/i);
        expect(await subject.store(20)).toEqual(late);
        return subject.again;
      });
      await subject.store(20);
      const second = subject.again;
      for (const again of [second, first]) await expect.poll(again, { timeout: 20_000 }).toBe(null);
    },
    mysql
      ? { enableQueryTimeout: true, maxQueryExecutionTime: 300, logging: false }
      : { extra: { query_timeout: 300 } },
  );

  for (const [what, code, kill] of mysql
    ? ([
        ['killed', 1317, 'kill query'],
        ['cut off with its connection', /.*/, 'kill'],
      ] as const)
    : ([
        ['cancelled', '57014', 'select pg_cancel_backend'],
        ['cut off with its connection', '57P01', 'select pg_terminate_backend'],
      ] as const))
    test(`that a statement was ${what} is blamed on no record`, async (subject) => {
      await subject.whileLocked(async () => {
        let isSettled = false;
        const stored = subject.store().finally(() => (isSettled = true));
        // MySQL does not say which of its statements wait: one may be over before it is killed.
        await vi.waitUntil(
          async () => {
            for (const id of await subject.waiting())
              await admin.query(mysql ? `${kill} ${id}` : `${kill}(${id})`).catch(() => {});
            return isSettled;
          },
          { timeout: 20_000 },
        );
        expect(await stored).toEqual(outage(code));
      });
      expect(await subject.again()).toBe(null);
    });

  if (mysql) {
    // Who has no right to give rights can still make users whom the server does not let in.
    const config = ({ dataSource }: Subject): { user: string; password: string } =>
      (dataSource.driver as any).pool.config.connectionConfig;
    for (const [what, code, limit] of [
      ['locked out', connection.type === 'mysql' ? 3118 : 4151, 'account lock'],
      ['allowed no further connection', 1226, 'with max_user_connections 1'],
      ['unknown', 1045, null],
    ] as const)
      test(`of a user who is ${what} is blamed on no record`, async (subject) => {
        const before = { ...config(subject) };
        const name = `u_${subject.place}`;
        if (limit) await admin.query(`create user ${name}@'%' identified by 'secret' ${limit}`);
        const { database: _database, ...url } = parsed(connection);
        const other = new DataSource({
          ...url,
          type: connection.type,
          username: name,
          password: 'secret',
          poolSize: 1,
        } as DataSourceOptions);
        try {
          if (limit?.startsWith('with')) await other.initialize();
          Object.assign(config(subject), { user: name, password: 'secret' });
          const [{ id }] = await subject.dataSource.query('select connection_id() as id');
          await admin.query(`kill ${id}`);
          await subject.store();
          await expect.poll(() => subject.again(), { timeout: 10_000 }).toEqual(outage(code));
          Object.assign(config(subject), before);
          expect(await subject.again()).toBe(null);
        } finally {
          if (other.isInitialized) await other.destroy();
          await admin.query(`drop user if exists ${name}@'%'`);
        }
      });
  }

  if (!mysql) {
    for (const [what, code, limit, back] of [
      [
        'who may not insert',
        '42501',
        'revoke insert on TABLE from USER',
        'grant insert on TABLE to USER',
      ],
      ['who is locked out', '28000', 'alter role USER nologin', 'alter role USER login'],
      [
        'with a connection too many',
        '53300',
        'alter role USER connection limit 1',
        'alter role USER connection limit 9',
      ],
    ] as const)
      it(`of a user ${what} is blamed on no record`, async () => {
        const name = `u${process.pid}_${places}`;
        const own = {
          ...parsed(connection),
          type: 'postgres',
          username: name,
          poolSize: 1,
        } as const;
        const subject = new Subject(admin, own);
        const other = new DataSource(own);
        const ask = (sql: string) =>
          admin.query(sql.replace('USER', name).replace('TABLE', subject.tables.recordTable));
        try {
          await ask('create role USER login');
          await subject.reader.open(context);
          const tables = await admin.query(
            'select tablename from pg_tables where tablename like $1',
            [`%_${subject.place}%`],
          );
          for (const { tablename } of tables) await ask(`grant all on ${tablename} to USER`);
          await subject.open();
          await ask(limit);
          await ask(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'USER'",
          );
          if (code === '53300')
            await vi.waitUntil(() => other.initialize().catch(() => null), { timeout: 10_000 });
          await subject.store();
          await expect.poll(() => subject.again(), { timeout: 10_000 }).toEqual(outage(code));
          await ask(back);
          await expect.poll(() => subject.again(), { timeout: 10_000 }).toBe(null);
          await subject.isExact();
        } finally {
          if (other.isInitialized) await other.destroy();
          await subject.end();
          await ask('drop owned by USER');
          await ask('drop role USER');
        }
      });
    test('of a transaction that was idle for too long is blamed on no record', async (subject) => {
      await subject.dataSource.query('set idle_in_transaction_session_timeout = 1');
      const { master: pool } = subject.dataSource.driver as unknown as { master: EventEmitter };
      pool.on('acquire', isBusyBeforeInserts);
      expect(await subject.store()).toEqual(outage(/.*/));
      pool.off('acquire', isBusyBeforeInserts);
      expect(await subject.again()).toBe(null);
    });
    session('57014', 'set statement_timeout = 100', 'set statement_timeout = 0', locked);
    session('55P03', 'set lock_timeout = 1', 'set lock_timeout = 0', locked);
    session(
      '25006',
      'set default_transaction_read_only = on',
      'set default_transaction_read_only = off',
    );
    return;
  }
  session(1792, 'set session transaction read only', 'set session transaction read write');
  if (connection.type === 'mariadb')
    session(1969, 'set max_statement_time = 0.1', 'set max_statement_time = 0', locked);
});

// SQLite has no server that could be told to fail; what can be made of it is in other specs.
describe('What SQLite says', () => {
  const error = (code: string) => Object.assign(new Error('made'), { code });
  it('is blamed on a record only where it speaks of one', () => {
    for (const code of 'ERROR CONSTRAINT CONSTRAINT_CHECK CONSTRAINT_TRIGGER TOOBIG MISMATCH'.split(
      ' ',
    ))
      expect(storeError(error(`SQLITE_${code}`))).not.toBeInstanceOf(StorageUnavailableError);
    for (const code of (
      'FULL READONLY READONLY_DBMOVED IOERR IOERR_WRITE IOERR_SHORT_READ CANTOPEN BUSY ' +
      'BUSY_SNAPSHOT LOCKED NOMEM PROTOCOL CORRUPT NOTADB INTERRUPT ABORT SCHEMA PERM AUTH'
    ).split(' '))
      expect(storeError(error(`SQLITE_${code}`))).toBeInstanceOf(StorageUnavailableError);
  });

  it('through sql.js, which gives no codes, or of a file that it is saved to, is blamed on none', () => {
    for (const message of ['database or disk is full', 'disk I/O error', 'out of memory'])
      expect(storeError(new Error(message))).toBeInstanceOf(StorageUnavailableError);
    for (const code of ['ENOSPC', 'EACCES', 'EROFS', 'EMFILE', 'EDQUOT'])
      expect(storeError(error(code))).toBeInstanceOf(StorageUnavailableError);
  });

  it('is told with the name of the storage once', () => {
    const { message } = storeError(new Error('SqlStorage: the file is gone.')) as Error;
    expect(message).toBe('SqlStorage: the file is gone.');
  });

  it('of a value that cannot be bound is blamed on its record', () => {
    expect(storeError(new TypeError('SQLite3 can only bind numbers'))).toBeInstanceOf(TypeError);
    expect(storeError(new TypeError('The database connection is not open'))).toBeInstanceOf(
      StorageUnavailableError,
    );
  });
});

/** The parts of a connection's URL. */
function parsed(connection: DataSourceOptions) {
  const {
    hostname: host,
    port,
    username,
    password,
    pathname,
  } = new URL((connection as { url: string }).url);
  return { host, port: Number(port), username, password, database: pathname.slice(1) };
}

function trigger(table: string, fault: string): string[] {
  return [
    `create function ${fault}() returns trigger language plpgsql as $$
       declare fault text;
       begin
         select code into fault from ${fault};
         if fault is not null then raise exception 'made' using errcode = fault; end if;
         return new;
       end $$`,
    `create trigger fault before insert on ${table} for each row execute function ${fault}()`,
  ];
}

function mysqlTrigger(table: string, fault: string): string[] {
  return [
    `create trigger ${fault} before insert on ${table} for each row begin
       declare fault int default (select min(code) from ${fault});
       if fault is not null then
         signal sqlstate 'HY000' set mysql_errno = fault, message_text = 'made';
       end if;
     end`,
  ];
}
