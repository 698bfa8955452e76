import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlStorage, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { DataSource, type DataSourceOptions } from 'typeorm';
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

/** Drops the tables of a place. */
export async function dropPlace(dataSource: DataSource, place: string): Promise<void> {
  const { recordTable, summaryTable } = tablesOf(place);
  for (const table of [
    recordTable,
    summaryTable,
    `${summaryTable}_buckets`,
    `${recordTable}_migrations`,
    `${recordTable}_salts`,
  ])
    await dataSource.query(`drop table if exists ${table}`);
}

/** Storages that each have a connection of their own to one server. */
export function serverSubject(
  options: SqlStorageOptions,
  connection: DataSourceOptions,
): StorageSubject {
  return {
    shared: true,
    create: (place, given) => new SqlStorage({ ...given, ...options, ...tablesOf(place) }),
    async remove(place) {
      const dataSource = await new DataSource(connection).initialize();
      await dropPlace(dataSource, place);
      await dataSource.destroy();
    },
  };
}
