import type { RecordField } from '../../../record/index.js';
import { RECORD_FIELDS } from '../../../record/index.js';
import { columnName } from '../../sql/layout/record-columns.js';
import type { ClickHouseTarget } from '../clickhouse-storage.options.js';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { literal, quoted } from './clickhouse-text.js';

type TableName = 'records' | 'sums' | 'hours' | 'days' | 'notes' | 'writes';

/** What a row of sums counts. */
const COUNT_COLUMNS = [
  ...['hits', 'transfer', 'errors', 'duration', 'refused', 'aborted'].map(
    (name) => `${name} Int64 CODEC(ZSTD)`,
  ),
  'first_seen Int64 CODEC(ZSTD)',
  'last_seen Int64 CODEC(ZSTD)',
  // A report reads them of each hour and key. ZSTD would take a quarter less, and a third more time.
  'slots Array(UInt16) CODEC(T64, LZ4)',
  'counts Array(Int64) CODEC(T64, LZ4)',
  // The rows of a move count once it is noted, all at once.
  "move String DEFAULT '' CODEC(ZSTD)",
];

/** The columns beside the record's: its buckets and counts, and its place among its versions. */
const SUM_COLUMNS = [
  'sum_hour Int64 CODEC(Delta, ZSTD)',
  'sum_day Int64 CODEC(Delta, ZSTD)',
  'sum_month Int64 CODEC(Delta, ZSTD)',
  'sum_hits Int64 CODEC(ZSTD)',
  'sum_slot UInt16 CODEC(ZSTD)',
  'inserted_us Int64 DEFAULT toUnixTimestamp64Micro(now64(6)) CODEC(Delta, ZSTD)',
  // The first copy of a record stays, unless it was corrected later.
  'revision Int64 DEFAULT 4500000000000000 - inserted_us CODEC(Delta, ZSTD)',
];

/** Dates that ClickHouse's own type can hold, in milliseconds. Records may be older or newer. */
const PARTITION =
  "toYYYYMM(fromUnixTimestamp64Milli(least(greatest(date, 0), 4102444799999), 'UTC'))";

const FEW_VALUES = new Set([
  'method',
  'protocol',
  'route',
  'blueprint',
  'handler',
  'outcome',
  'userAgent.browser',
  'userAgent.version',
  'userAgent.platform',
  'userAgent.language',
  'userAgent.kind',
  'serverName',
  'consumerGroup',
  'service',
  'release',
  'apiVersion',
]);

interface TableShape {
  readonly columns: readonly string[];
  readonly engine: string;
  readonly rest: string;
  /** The shard of a row. */
  readonly shard: string;
}

const SHAPES: Readonly<Record<TableName, TableShape>> = {
  records: {
    columns: [...RECORD_FIELDS.map(columnOf), ...SUM_COLUMNS],
    engine: 'ReplacingMergeTree(revision)',
    rest: `PARTITION BY ${PARTITION} ORDER BY (date, id)`,
    shard: 'cityHash64(id)',
  },
  sums: {
    columns: [
      'dimension LowCardinality(String)',
      'period LowCardinality(String)',
      'bucket Int64 CODEC(Delta, ZSTD)',
      'key String CODEC(ZSTD)',
      ...COUNT_COLUMNS,
    ],
    engine: 'MergeTree',
    // The key is no part of the order, so that it can be changed.
    rest: 'ORDER BY (dimension, period, bucket)',
    shard: 'cityHash64(dimension, period, bucket)',
  },
  hours: {
    columns: [
      'dimension LowCardinality(String)',
      'sum_hour Int64 CODEC(Delta, ZSTD)',
      'sum_day Int64 CODEC(Delta, ZSTD)',
      'sum_month Int64 CODEC(Delta, ZSTD)',
      'key String CODEC(ZSTD)',
      ...COUNT_COLUMNS,
    ],
    engine: 'MergeTree',
    rest: 'ORDER BY (dimension, sum_hour)',
    shard: 'cityHash64(dimension, sum_hour)',
  },
  days: {
    columns: [
      'dimension LowCardinality(String)',
      'sum_day Int64 CODEC(Delta, ZSTD)',
      'sum_month Int64 CODEC(Delta, ZSTD)',
      'key String CODEC(ZSTD)',
      ...COUNT_COLUMNS,
    ],
    engine: 'MergeTree',
    rest: 'ORDER BY (dimension, sum_day)',
    shard: 'cityHash64(dimension, sum_day)',
  },
  notes: {
    columns: [
      'kind LowCardinality(String)',
      'name String',
      'revision UInt64',
      'value Nullable(String)',
      'owner String',
    ],
    engine: 'MergeTree',
    rest: 'ORDER BY (kind, name, revision) SETTINGS non_replicated_deduplication_window = 10000',
    shard: '0',
  },
  writes: {
    columns: [
      'write String',
      'is_open UInt8',
      'first_date Int64',
      'hours Array(Int64)',
      'at Int64 DEFAULT toUnixTimestamp64Micro(now64(6))',
    ],
    engine: 'MergeTree',
    rest: 'PARTITION BY toDate(fromUnixTimestamp64Micro(at)) ORDER BY at',
    shard: '0',
  },
};

/** The tables of one storage. On a cluster, each is a distributed one before one on each shard. */
export class Tables {
  readonly names: Readonly<Record<TableName | 'database', string>>;
  readonly cluster: ClickHouseTarget['cluster'];

  constructor({ recordTable, summaryTable, cluster }: ClickHouseTarget, database: string) {
    this.cluster = cluster;
    this.names = {
      database,
      records: recordTable,
      sums: summaryTable,
      hours: `${summaryTable}_hours`,
      days: `${summaryTable}_days`,
      notes: `${recordTable}_notes`,
      writes: `${recordTable}_writes`,
    };
  }

  /** The table from which rows are read, and into which they are inserted. */
  path(table: TableName): string {
    return this.pathOf(this.names[table]);
  }

  /** The table that keeps the rows, on each shard. */
  localPath(table: TableName): string {
    return this.pathOf(this.localName(table));
  }

  /** `ON CLUSTER …`, or nothing. */
  get onCluster(): string {
    return this.cluster ? ` ON CLUSTER ${quoted(this.cluster.name)}` : '';
  }

  /** A table of the same database. */
  pathOf(name: string): string {
    return `${quoted(this.names.database)}.${quoted(name)}`;
  }

  /** The statements that create each table, if it is missing. */
  creations(): { readonly table: string; readonly statements: readonly string[] }[] {
    return (Object.keys(SHAPES) as TableName[]).map((table) => {
      const { columns, engine, rest, shard } = SHAPES[table];
      const replicated = this.cluster?.replicated ? engine.replace(/^/, 'Replicated') : engine;
      const statements = [
        `CREATE TABLE IF NOT EXISTS ${this.localPath(table)}${this.onCluster} ` +
          `(${columns.join(', ')}) ENGINE = ${replicated} ${rest}`,
      ];
      if (this.cluster)
        statements.push(
          `CREATE TABLE IF NOT EXISTS ${this.path(table)}${this.onCluster} ` +
            `(${columns.join(', ')}) ENGINE = Distributed(${literal(this.cluster.name)}, ` +
            `${literal(this.names.database)}, ${literal(this.localName(table))}, ${shard})`,
        );
      return { table: this.names[table], statements };
    });
  }

  /** The statement that creates the database, if it is missing. */
  get databaseCreation(): string {
    return `CREATE DATABASE IF NOT EXISTS ${quoted(this.names.database)}${this.onCluster}`;
  }

  /** Alters the rows or columns that are kept, and waits until it is done everywhere. */
  async alter(database: ClickHouseDatabase, table: TableName, change: string): Promise<void> {
    await database.command(`ALTER TABLE ${this.localPath(table)}${this.onCluster} ${change}`, {
      mutations_sync: 2,
    });
  }

  /** Deletes rows from the files, if there are any, and waits until it is done everywhere. */
  async deleteIfAny(database: ClickHouseDatabase, table: TableName, where: string): Promise<void> {
    const [row] = await database.rows(`SELECT count() FROM ${this.path(table)} WHERE ${where}`);
    if (Number(row![0]) > 0) await this.alter(database, table, `DELETE WHERE ${where}`);
  }

  /** Marks rows as deleted, which is quick, and waits until it is done everywhere. */
  async deleteRows(database: ClickHouseDatabase, table: TableName, where: string): Promise<void> {
    await database.command(`DELETE FROM ${this.localPath(table)}${this.onCluster} WHERE ${where}`, {
      lightweight_deletes_sync: 2,
    });
  }

  /** Alters the columns of a table, and of the distributed one before it. */
  async alterAll(database: ClickHouseDatabase, table: TableName, change: string): Promise<void> {
    await this.alter(database, table, change);
    if (this.cluster)
      await database.command(`ALTER TABLE ${this.path(table)}${this.onCluster} ${change}`);
  }

  private localName(table: TableName): string {
    return this.cluster ? `${this.names[table]}_shard` : this.names[table];
  }
}

function columnOf(field: RecordField): string {
  return `${quoted(columnName(field))} ${typeOf(field)}`;
}

function typeOf(field: RecordField): string {
  const { path, kind, nullable } = field;
  switch (kind) {
    case 'instant':
      return 'Int64 CODEC(Delta, ZSTD)';
    case 'integer':
      return 'Int32 CODEC(ZSTD)';
    case 'microseconds':
    case 'bigInteger':
      return 'Int64 CODEC(ZSTD)';
    case 'real':
      return 'Float64 CODEC(ZSTD)';
    case 'flag':
      return 'UInt8 CODEC(ZSTD)';
    default: {
      const type = nullable ? 'Nullable(String)' : 'String';
      return FEW_VALUES.has(path) ? `LowCardinality(${type}) CODEC(ZSTD)` : `${type} CODEC(ZSTD)`;
    }
  }
}
