import type { DataSource } from 'typeorm';
import type { SqlDialect } from '../dialects/dialect.js';
import { UsageRecordEntity, UsageSummaryEntity } from '../entities/usage-entities.js';
import { NOTE_COLUMNS, RECORD_COLUMNS, SALT_COLUMNS, type RecordColumn } from './record-columns.js';
import { BUCKET_COLUMNS, SUMMARY_COLUMNS } from './summary-columns.js';
import type { PartitionUnit } from '../partitions/partition-span.js';
import type { Column } from '../dialects/shapes.js';
import { Table } from './table.js';

/**
 * The options of `SqlStorage` that name and shape its tables.
 *
 * @publicApi
 */
export interface UsageTableNames {
  /**
   * Name of the records' table.
   * @default 'usage_records', or as `UsageRecordEntity` is mapped in the data source
   */
  readonly recordTable?: string;
  /**
   * Name of the summaries' table.
   * @default 'usage_summaries', or as `UsageSummaryEntity` is mapped in the data source
   */
  readonly summaryTable?: string;
  /**
   * Schema of the tables (PostgreSQL), or database (MySQL, MariaDB).
   * @default that of the connection
   */
  readonly schema?: string;
  /**
   * Whether the records' table is partitioned by month or by day. PostgreSQL only.
   * @default none
   */
  readonly partitions?: PartitionUnit;
}

export type RecordTable = Table<RecordColumn>;
export type SummaryTable = Table<(typeof SUMMARY_COLUMNS)[number]>;
export type BucketTable = Table<(typeof BUCKET_COLUMNS)[number]>;
export type SaltTable = Table<(typeof SALT_COLUMNS)[number]>;
export type NoteTable = Table<(typeof NOTE_COLUMNS)[number]>;

/** The library's tables in one database. */
export interface SqlLayout {
  readonly records: RecordTable;
  readonly summaries: SummaryTable;
  readonly buckets: BucketTable;
  readonly salts: SaltTable;
  readonly notes: NoteTable;
  /** The length of a partition of the records; null if they are not partitioned. */
  readonly partitions: PartitionUnit | null;
}

/**
 * Resolves the names of the tables: those in the options, else those of the entities in the data
 * source, with its naming strategy and its prefix.
 */
export function layoutOf(
  dataSource: DataSource,
  dialect: SqlDialect,
  names: UsageTableNames,
): SqlLayout {
  const tableOf = <C extends Column>(
    entity: typeof UsageRecordEntity | typeof UsageSummaryEntity,
    defaultName: string,
    given: string | undefined,
    columns: readonly C[],
  ): Table<C> => {
    const schema = names.schema ?? schemaOf(dataSource);
    if (given !== undefined) return new Table(dialect, schema, given, columns);
    const { namingStrategy } = dataSource;
    if (!dataSource.hasMetadata(entity)) {
      const name = namingStrategy.tableName(entity.name, defaultName);
      const prefix = dataSource.options.entityPrefix;
      return new Table(
        dialect,
        schema,
        prefix ? namingStrategy.prefixTableName(prefix, name) : name,
        columns,
        new Map(
          columns.map(({ property, name: column }) => {
            const leaf = property.slice(property.lastIndexOf('.') + 1);
            return [property, namingStrategy.columnName(leaf, column, [])];
          }),
        ),
      );
    }
    const metadata = dataSource.getMetadata(entity);
    return new Table(
      dialect,
      names.schema ?? metadata.schema ?? schema,
      metadata.tableName,
      columns,
      new Map(metadata.columns.map((column) => [column.propertyPath, column.databaseName])),
    );
  };
  const summaries = tableOf(
    UsageSummaryEntity,
    'usage_summaries',
    names.summaryTable,
    SUMMARY_COLUMNS,
  );
  const records = tableOf(UsageRecordEntity, 'usage_records', names.recordTable, RECORD_COLUMNS);
  const beside = <C extends Column>(
    { schema, name }: Table,
    suffix: string,
    columns: readonly C[],
  ) => new Table(dialect, schema, `${name}_${suffix}`, columns);
  return {
    records,
    summaries,
    buckets: beside(summaries, 'buckets', BUCKET_COLUMNS),
    salts: beside(records, 'salts', SALT_COLUMNS),
    notes: beside(records, 'notes', NOTE_COLUMNS),
    partitions: names.partitions ?? null,
  };
}

function schemaOf(dataSource: DataSource): string | null {
  const { options } = dataSource;
  return 'schema' in options && typeof options.schema === 'string' ? options.schema : null;
}
