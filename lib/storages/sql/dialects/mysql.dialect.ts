import { addition, definitions, upsertChanges } from './definitions.js';
import { BUCKET_KEY, keysByBucket, SUM_KEY, type BucketKey } from './sum-key.js';
import type { ColumnKind, SqlRow, TableShape } from './shapes.js';
import type { SqlScript } from '../sql-statement.js';
import type { SqlDialect, SqlRowValues } from './dialect.js';
import { mysqlFilters } from './mysql-filters.js';
import { partsOf } from './parts-of.js';

const INDEXED_LENGTH = 64;
/**
 * Limits of rows, and of their characters, for one statement: a server limits the size of a packet
 * to some MB.
 */
const ROWS_AT_ONCE = 1000;
const CHARACTERS_AT_ONCE = 1_000_000;
/**
 * Buckets whose rows one statement reads: the time to plan it grows with the square of their
 * number.
 */
const BUCKETS_AT_ONCE = 50;
const DATES_AT_ONCE = 1000;

const quote = (identifier: string) => `\`${identifier.replaceAll('`', '``')}\``;

/** The dialect of MySQL and MariaDB. The two differ in the collation that compares text exactly. */
export function mysqlDialect(collation: string): SqlDialect {
  const text = `character set utf8mb4 collate ${collation}`;
  const types: Record<ColumnKind, string> = {
    id: 'char(36) character set ascii collate ascii_bin',
    word: `varchar(64) ${text}`,
    key: `varchar(108) ${text}`,
    instant: 'bigint',
    text: `mediumtext ${text}`,
    json: 'json',
    integer: 'integer',
    bigint: 'bigint',
    flag: 'tinyint(1)',
    real: 'double',
  };
  const naming = { quote, columnType: (kind: ColumnKind) => types[kind] };
  return {
    name: 'mysql',
    filters: mysqlFilters(collation),
    ...naming,
    placeholder: () => '?',

    columnsOf: ({ schema, name }) => ({
      sql:
        'select column_name as name from information_schema.columns ' +
        'where table_schema = coalesce(?, database()) and table_name = ?',
      values: [schema, name],
    }),

    createTable: (table, primaryKey) =>
      `create table ${table.path} (${definitions(naming, table, primaryKey).join(', ')}) ` +
      `engine = InnoDB ${text}`,

    *addColumns(table, columns) {
      yield* alterOnline(addition(naming, table, columns));
    },

    findIndex: (table, suffix) => ({
      sql:
        'select true as usable from information_schema.statistics where ' +
        'table_schema = coalesce(?, database()) and table_name = ? and index_name = ?',
      values: [table.schema, table.name, table.indexName(suffix)],
    }),
    // A text column cannot be indexed as a whole: the index takes its first 64 characters.
    createIndex: (table, { suffix, properties: [first, ...rest] }) =>
      `create index ${quote(table.indexName(suffix))} on ${table.path} ` +
      `(${[`${table.column(first!)}(${INDEXED_LENGTH})`, ...rest.map((each) => table.column(each))].join(', ')})`,
    dropIndex: (table, suffix) => `drop index ${quote(table.indexName(suffix))} on ${table.path}`,

    *prepareSchema({ schema }) {
      if (schema === null) return;
      const sql = 'select 1 as found from information_schema.schemata where schema_name = ?';
      const { rows } = yield { sql, values: [schema] };
      if (rows.length === 0) yield { sql: `create database ${quote(schema)}`, values: [] };
    },
    among: (expression, ids) => ({ sql: `${expression} in (?)`, values: [ids] }),
    amongKeys: (date, id, keys) => ({ sql: `(${date}, ${id}) in (?)`, values: [keys] }),

    // The sentinel row (empty dimension and period, date 0) belongs to no bucket. It exists to be
    // locked.
    *lockShared({ buckets }) {
      yield { sql: `${lockRow(buckets)} lock in share mode`, values: [] };
    },
    *lockExclusive({ buckets }) {
      yield { sql: `${lockRow(buckets)} for update`, values: [] };
    },

    // "insert ignore" would store truncated values without an error, so a repeated id is detected
    // by its duplicate-key error.
    *insert(table, rows) {
      const sql = `insert into ${table.path} (${table.columnList}) values ?`;
      for (const part of partsOf(rows, ROWS_AT_ONCE, charactersOf, CHARACTERS_AT_ONCE)) {
        try {
          yield { sql, values: [part] };
        } catch (error) {
          if (isDuplicate(error)) return 0;
          throw error;
        }
      }
      return rows.length;
    },

    *upsert(table, shape, rows) {
      const changes = upsertChanges(table, shape, {
        stored: (column) => column,
        given: (column) => `values(${column})`,
        extremes: ['least', 'greatest'],
      });
      const sql =
        `insert into ${table.path} (${table.columnList}) values ? ` +
        `on duplicate key update ${changes}`;
      for (const part of partsOf(rows, ROWS_AT_ONCE, charactersOf, CHARACTERS_AT_ONCE))
        yield { sql, values: [part] };
    },

    // One statement for each dimension and period, with a list of dates: the server answers it by
    // ranges of one index.
    *readBuckets(table, buckets) {
      const [dimension, period, date] = BUCKET_KEY.map((each) => `t.${table.column(each)}`);
      const sql =
        `select ${table.selectList('t')} from ${table.path} t ` +
        `where ${dimension} = ? and ${period} = ? and ${date} in (?)`;
      const dates = new Map<string, BucketKey[]>();
      for (const bucket of buckets) {
        const name = `${bucket.dimension} ${bucket.period}`;
        if (!dates.get(name)?.push(bucket)) dates.set(name, [bucket]);
      }
      const found: SqlRow[] = [];
      for (const all of dates.values())
        for (const part of partsOf(all, DATES_AT_ONCE)) {
          const { dimension: name, period: of } = part[0]!;
          const values = [name, of, part.map((bucket) => bucket.date)];
          found.push(...(yield { sql, values }).rows);
        }
      return found;
    },

    // A list of keys for each bucket: the server finds and locks the rows in index order.
    *lockSums(table, keys) {
      const [dimension, period, date, key] = SUM_KEY.map((each) => `t.${table.column(each)}`);
      const term = `(${dimension} = ? and ${period} = ? and ${date} = ? and ${key} in (?))`;
      const found: SqlRow[] = [];
      for (const buckets of partsOf(keysByBucket(keys), BUCKETS_AT_ONCE)) {
        const { rows } = yield {
          sql:
            `select ${table.selectList('t')} from ${table.path} t ` +
            `where ${buckets.map(() => term).join(' or ')} for update`,
          values: buckets.flatMap((run) => [
            run[0]!.dimension,
            run[0]!.period,
            run[0]!.date,
            run.map((each) => each.key),
          ]),
        };
        found.push(...rows);
      }
      return found;
    },
  };
}

/**
 * Algorithms to alter a table, the cheapest first. Servers before MySQL 8.0.12 and MariaDB 10.3,
 * and tables of some row formats, do not support `instant`: they rewrite all rows, while others go
 * on writing.
 */
const WAYS = ['algorithm = instant', 'algorithm = inplace, lock = none'];

/** Alters a table without blocking writers, if the server can. */
function* alterOnline(sql: string): SqlScript {
  for (const way of WAYS) {
    try {
      yield { sql: `${sql}, ${way}`, values: [] };
      return;
    } catch (error) {
      if (!isUnsupported(error)) throw error;
    }
  }
  yield { sql, values: [] };
}

function isUnsupported(error: unknown): boolean {
  // Unknown algorithm; not supported for this change; the same, with the reason.
  return [1800, 1845, 1846].includes((error as { errno: number }).errno);
}

function lockRow(buckets: TableShape): string {
  return (
    `select 1 as found from ${buckets.path} where ${buckets.column('dimension')} = '' ` +
    `and ${buckets.column('period')} = '' and ${buckets.column('date')} = 0`
  );
}

function isDuplicate(error: unknown): boolean {
  return (error as { errno?: unknown }).errno === 1062;
}

function charactersOf(row: SqlRowValues): number {
  let characters = 0;
  for (const value of row) characters += typeof value === 'string' ? value.length : 1;
  return characters;
}
