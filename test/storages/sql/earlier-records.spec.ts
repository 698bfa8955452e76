import { join } from 'node:path';
import { SqlStorage, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { storageContract, type StorageSubject } from 'nestjs-track-usage/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterAll, afterEach, describe, it } from 'vitest';
import { makeEarlierRecords } from './earlier-records.js';
import { dropPlace, SQL_SERVERS, tablesOf, temporaryFolder } from './places.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const fileOf = (place: string) => join(folder.path, `${place}.sqlite`);

/** How a storage is opened at a place, and how a connection beside it. */
interface Subject {
  readonly options: (place: string) => SqlStorageOptions;
  readonly connection: (place: string) => DataSourceOptions;
}

const SUBJECTS: [name: string, subject: Subject | null][] = [
  [
    'SQLite',
    {
      options: (place) => ({ database: fileOf(place) }),
      connection: (place) => ({ type: 'better-sqlite3', database: fileOf(place) }),
    },
  ],
  ...SQL_SERVERS.map(([name, connection]): [string, Subject | null] => [
    name,
    connection ? { options: () => ({ connection }), connection: () => connection } : null,
  ]),
  ...SQL_SERVERS.slice(0, 1).map(([name, connection]): [string, Subject | null] => [
    `${name}, with partitions`,
    connection
      ? { options: () => ({ connection, partitions: 'month' }), connection: () => connection }
      : null,
  ]),
];

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

describe('Tables of records that version 0.1.0 has made', () => {
  for (const [name, subject] of SUBJECTS)
    if (subject)
      storageContract(
        { describe, it, afterEach },
        `SqlStorage on ${name}`,
        earlierSubject(subject),
      );
    else describe.skip(name, () => undefined);
});
