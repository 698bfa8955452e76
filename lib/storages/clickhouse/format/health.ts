import type { BaseStorageParts } from '../../base/base-storage.js';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { literal } from './clickhouse-text.js';
import type { Tables } from './tables.js';

/** The server slows inserts down from 1,000 parts of a month on, and refuses them from 3,000 on. */
const MANY_PARTS = 500;

/** What ClickHouse says of the size and the parts of the tables. */
export class ClickHouseHealth implements NonNullable<BaseStorageParts['health']> {
  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
  ) {}

  /** The bytes on disk, of all shards; those of one replica alone. */
  async bytes(): Promise<number | null> {
    const [row] = await this.parts('sum(bytes_on_disk)');
    return Number(row![0]);
  }

  async faults(): Promise<readonly string[]> {
    const [row] = await this.parts('count() AS c', 'GROUP BY table, partition ORDER BY c DESC');
    const most = Number(row?.[0] ?? 0);
    if (most < MANY_PARTS) return [];
    return [
      `A month of a table has ${most} parts: the server merges less than is inserted. Make ` +
        'batchSize and flushInterval larger.',
    ];
  }

  /** Opening adds what is missing, which is quick on any size. */
  async missing(): Promise<readonly never[]> {
    return [];
  }

  private parts(what: string, end = '') {
    const { cluster, names } = this.tables;
    const { database, ...tables } = names;
    const local = Object.values(tables).flatMap((name) => [name, `${name}_shard`]);
    const from = cluster ? `cluster(${literal(cluster.name)}, system.parts)` : 'system.parts';
    return this.database.rows(
      `SELECT ${what} FROM ${from} WHERE active AND database = ${literal(database)} ` +
        `AND table IN (${local.map(literal).join(', ')}) ${end}`,
    );
  }
}
