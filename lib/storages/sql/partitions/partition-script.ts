import type { RecordTable } from '../layout/sql-layout.js';
import { Table } from '../layout/table.js';
import { statementOf, type SqlScript, type SqlStatement } from '../sql-statement.js';
import {
  AFTER,
  BEFORE,
  partitionOf,
  type PartitionSpan,
  type PartitionUnit,
} from './partition-span.js';

/** The table of a partition. */
export function partitionTable(records: RecordTable, { suffix }: PartitionSpan): Table {
  return new Table(records.dialect, records.schema, records.indexName(suffix), records.columns);
}

/** Reads the kind of the records' table: `r` for a plain table, `p` for a partitioned one. */
export function kindOfTable({ path }: RecordTable): SqlStatement {
  return {
    sql: 'select relkind as kind from pg_class where oid = to_regclass($1)',
    values: [path],
  };
}

/**
 * Lists the partitions of the records' table.
 *
 * @throws {Error} if one of them does not belong to the unit.
 */
export function* listPartitions(
  records: RecordTable,
  unit: PartitionUnit,
): SqlScript<PartitionSpan[]> {
  const { rows } = yield {
    sql:
      'select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid ' +
      'where i.inhparent = to_regclass($1)',
    values: [records.path],
  };
  const prefix = records.indexName('');
  return rows.map((row) => {
    const name = row['name'] as string;
    const span = name.startsWith(prefix) ? partitionOf(unit, name.slice(prefix.length)) : null;
    if (span) return span;
    throw new Error(
      `SqlStorage: partitions: the table ${records.path} has a partition ${name}, which is none of ` +
        `those that '${unit}' makes. Give the option the value that the table was made with, or ` +
        'choose another recordTable.',
    );
  });
}

/**
 * Creates a missing partition. It is created as a table and then attached, which blocks neither
 * readers nor writers.
 */
export function* createPartition(records: RecordTable, span: PartitionSpan): SqlScript {
  const { path } = partitionTable(records, span);
  const bound = (instant: number | null, none: string) => (instant === null ? none : `${instant}`);
  yield statementOf(`create table ${path} (like ${records.path} including all)`);
  yield statementOf(
    `alter table ${records.path} attach partition ${path} ` +
      `for values from (${bound(span.from, 'minvalue')}) to (${bound(span.until, 'maxvalue')})`,
  );
}

/** Creates the first partitions of a new table: for dates before the year 2000 and from 2100 on. */
export function* createOuterPartitions(records: RecordTable): SqlScript {
  for (const span of [BEFORE, AFTER]) yield* createPartition(records, span);
}

/**
 * Drops a partition.
 *
 * @returns How many records it had.
 */
export function* dropPartition(records: RecordTable, span: PartitionSpan): SqlScript<number> {
  const { path } = partitionTable(records, span);
  const { rows } = yield statementOf(`select count(*) as n from ${path}`);
  // Statements queue behind one that waits for this lock, so it gives up after 500 ms. The caller
  // tries again later.
  yield statementOf("set local lock_timeout = '500ms'");
  yield statementOf(`drop table ${path}`);
  return Number(rows[0]?.['n']);
}
