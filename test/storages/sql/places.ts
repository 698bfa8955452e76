import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlStorage, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterAll } from 'vitest';
import type { StorageSubject } from 'nestjs-track-usage/testing';
import { server } from '../../support/servers.js';

/** A folder for SQLite files, and how to take it away. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'track-usage-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The servers of SQL, each with its connection; undefined where a server has no address. */
export const SQL_SERVERS: readonly [name: string, connection: DataSourceOptions | undefined][] = [
  ['PostgreSQL', connectionTo('postgres', server('POSTGRES'))],
  ['MariaDB', connectionTo('mariadb', server('MARIADB'))],
  ['MySQL', connectionTo('mysql', server('MYSQL'))],
];

function connectionTo(
  type: 'postgres' | 'mariadb' | 'mysql',
  url: string | undefined,
): DataSourceOptions | undefined {
  return url === undefined ? undefined : { type, url };
}

/** Whether TypeORM takes a server for MySQL or its kin. */
export function isMysql({ type }: DataSourceOptions): boolean {
  return type === 'mysql' || type === 'mariadb';
}

/** Names of tables that belong to one place. */
export function tablesOf(place: string): { recordTable: string; summaryTable: string } {
  return { recordTable: `r_${place}`, summaryTable: `s_${place}` };
}

/** Drops the tables of a place, on a server in one step, which it waits for its disk in. */
export async function dropPlace(dataSource: DataSource, place: string): Promise<void> {
  const { recordTable, summaryTable } = tablesOf(place);
  const tables = [
    recordTable,
    summaryTable,
    `${summaryTable}_buckets`,
    `${recordTable}_migrations`,
    `${recordTable}_salts`,
    `${recordTable}_notes`,
  ];
  const isServer = isMysql(dataSource.options) || dataSource.options.type === 'postgres';
  const relations = ['latencies', 'percentiles'].map((each) => `${summaryTable}_${each}`);
  if (isMysql(dataSource.options))
    await dataSource.query(`drop view if exists ${relations.join(', ')}`);
  else if (isServer) await dataSource.query(`drop function if exists ${relations.join('(), ')}()`);
  for (const list of isServer ? [tables.join(', ')] : tables)
    await dataSource.query(`drop table if exists ${list}`);
}

/** Drops the tables and views of MySQL or MariaDB whose names begin with a prefix. */
export async function dropPrefixed(dataSource: DataSource, prefix: string): Promise<void> {
  const found: { name: string; type: string }[] = await dataSource.query(
    'select table_name as name, table_type as type from information_schema.tables ' +
      'where table_schema = database() and table_name like ?',
    [`${prefix.replaceAll('_', '\\_')}%`],
  );
  for (const kind of ['view', 'table']) {
    const names = found
      .filter(({ type }) => (type === 'VIEW') === (kind === 'view'))
      .map(({ name }) => `\`${name}\``);
    if (names.length > 0) await dataSource.query(`drop ${kind} ${names.join(', ')}`);
  }
}

/** Storages that each have a connection of their own to one server, for a group of specs. */
export function serverSubject(
  options: SqlStorageOptions,
  connection: DataSourceOptions,
): StorageSubject {
  const admin = new DataSource(connection);
  afterAll(() => admin.isInitialized && admin.destroy());
  return {
    shared: true,
    create: (place, given) => new SqlStorage({ ...given, ...options, ...tablesOf(place) }),
    async remove(place) {
      if (!admin.isInitialized) await admin.initialize();
      await dropPlace(admin, place);
    },
  };
}
