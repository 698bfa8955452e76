import { join } from 'node:path';
import { SqlStorage, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { storageContract, type StorageSubject } from 'nestjs-track-usage/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterAll, afterEach, describe, it } from 'vitest';
import { describeWithServer } from '../../support/servers.js';
import { makeEarlierRecords } from './earlier-records.js';
import { dropPlace, tablesOf, temporaryFolder } from './places.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const fileOf = (place: string) => join(folder.path, `${place}.sqlite`);

/** How a storage is opened at a place, and how a connection beside it. */
interface Subject {
  readonly options: (place: string) => SqlStorageOptions;
  readonly connection: (place: string) => DataSourceOptions;
}

const ON_SQLITE: Subject = {
  options: (place) => ({ database: fileOf(place) }),
  connection: (place) => ({ type: 'better-sqlite3', database: fileOf(place) }),
};

const SERVERS = [
  { server: 'POSTGRES', type: 'postgres', title: 'PostgreSQL', options: {} },
  {
    server: 'POSTGRES',
    type: 'postgres',
    title: 'PostgreSQL, with partitions',
    options: { partitions: 'month' },
  },
  { server: 'MARIADB', type: 'mariadb', title: 'MariaDB', options: {} },
  { server: 'MYSQL', type: 'mysql', title: 'MySQL', options: {} },
] as const;

function earlierSubject({ options, connection }: Subject): StorageSubject {
  const made = new Map<string, Promise<void>>();
  const beside = async (place: string, work: (dataSource: DataSource) => Promise<void>) => {
    const dataSource = await new DataSource(connection(place)).initialize();
    await work(dataSource).finally(() => dataSource.destroy());
  };
  return {
    shared: true,
    async create(place, given) {
      const names = { ...options(place), ...tablesOf(place) };
      if (!made.has(place))
        made.set(
          place,
          beside(place, (dataSource) => makeEarlierRecords(dataSource, names)),
        );
      await made.get(place);
      return new SqlStorage({ ...given, ...names });
    },
    remove: (place) => beside(place, (dataSource) => dropPlace(dataSource, place)),
  };
}

function contractOn(title: string, subject: Subject): void {
  storageContract({ describe, it, afterEach }, `SqlStorage on ${title}`, earlierSubject(subject));
}

describe('Tables of records that version 0.1.0 has made', () => {
  contractOn('SQLite', ON_SQLITE);
  for (const { server, type, title, options } of SERVERS)
    describeWithServer(server, title, (url) => {
      const connection = { type, url };
      contractOn(title, {
        options: () => ({ connection, ...options }),
        connection: () => connection,
      });
    });
});
