import { createHash } from 'node:crypto';
import type { SqlRow } from '../dialects/shapes.js';
import { Table } from '../layout/table.js';
import { statementOf, type SqlScript, type SqlStatement } from '../sql-statement.js';
import type { TableIndex } from './usage-migration.js';

// An arbitrary number that other users of advisory locks are unlikely to have chosen.
const LOCK_FAMILY = 1_953_853_802;
/** How long a statement waits for a lock, and thereby the statements queued behind it. */
const LOCK_TIMEOUT_MS = 200;
/** Bytes of a name that PostgreSQL keeps. */
const POSTGRES_BYTES = 63;

/**
 * Creates an index while others write to its table. Run it on a connection of its own, outside a
 * transaction. It may stop at any statement and be run again.
 *
 * @returns false if another process is building an index of the table; true if the index is there.
 */
export function* buildIndex(wanted: TableIndex): SqlScript<boolean> {
  const { table } = wanted;
  return table.dialect.name === 'postgres'
    ? yield* buildOnPostgres(wanted)
    : yield* buildOnMysql(wanted);
}

// The session holds the lock: within a transaction, CONCURRENTLY would wait for that same
// transaction.
function* buildOnPostgres({ table, index }: TableIndex): SqlScript<boolean> {
  const lock = [LOCK_FAMILY, table.path];
  const [taken] = yield* rowsOf('select pg_try_advisory_lock($1, hashtext($2)) as held', lock);
  if (taken?.['held'] !== true) return false;
  const [limit] = yield* rowsOf("select current_setting('statement_timeout') as value");
  try {
    yield* limitStatements('0');
    const name = table.indexName(index.suffix);
    const sql = 'select relkind as kind from pg_class where oid = to_regclass($1)';
    const [found] = yield* rowsOf(sql, [table.path]);
    if (found?.['kind'] === 'p') yield* buildPartitioned({ table, index });
    else yield* makeConcurrently({ table, index }, name);
  } finally {
    yield* limitStatements(String(limit?.['value']));
    yield* rowsOf('select pg_advisory_unlock($1, hashtext($2))', lock);
  }
  return true;
}

function* limitStatements(value: string): SqlScript {
  yield { sql: "select set_config('statement_timeout', $1, false)", values: [value] };
}

// A partitioned table's index cannot be created CONCURRENTLY, but each partition's can. The table's
// index becomes valid once every partition's index is attached.
function* buildPartitioned({ table, index }: TableIndex): SqlScript {
  const whole = indexPath(table, table.indexName(index.suffix));
  const { rows } = yield table.dialect.findIndex(table, index.suffix);
  if (rows[0]?.['usable']) return;
  if (rows.length === 0) {
    const sql = table.dialect.createIndex(table, index);
    yield* runBriefly(sql.replace(` on ${table.path} `, ` on only ${table.path} `));
  }
  const missing = yield* rowsOf(
    'select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid ' +
      'where i.inhparent = to_regclass($1) and not exists (select 1 from pg_inherits a ' +
      'join pg_index x on x.indexrelid = a.inhrelid ' +
      'where a.inhparent = to_regclass($2) and x.indrelid = i.inhrelid)',
    [table.path, whole],
  );
  for (const row of missing) {
    const { dialect, schema, columns } = table;
    const partition = new Table(dialect, schema, String(row['name']), columns);
    const name = shortName(`${partition.name}_${index.suffix}`);
    yield* makeConcurrently({ table: partition, index }, name);
    yield* runBriefly(`alter index ${whole} attach partition ${indexPath(partition, name)}`);
  }
}

/** @param name The index's name, which may differ from the name for the table and suffix. */
function* makeConcurrently({ table, index }: TableIndex, name: string): SqlScript {
  const [found] = yield* rowsOf(
    'select i.indisvalid as usable from pg_index i where i.indexrelid = to_regclass($1)',
    [indexPath(table, name)],
  );
  if (found?.['usable']) return;
  // An index whose creation was interrupted is updated by every insert, but no query uses it.
  if (found) yield statementOf(`drop index concurrently ${indexPath(table, name)}`);
  const { dialect } = table;
  const sql = dialect
    .createIndex(table, index)
    .replace(
      `index ${dialect.quote(table.indexName(index.suffix))}`,
      `index concurrently ${dialect.quote(name)}`,
    );
  yield statementOf(sql);
}

/**
 * Runs a statement that blocks writers for a moment, and gives up if it does not get its lock in
 * time.
 */
function* runBriefly(sql: string): SqlScript {
  yield statementOf('begin');
  try {
    yield statementOf(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    yield statementOf(sql);
    yield statementOf('commit');
  } catch (error) {
    yield statementOf('rollback');
    throw error;
  }
}

function* buildOnMysql({ table, index }: TableIndex): SqlScript<boolean> {
  const name = 'left(concat(database(), ?), 64)';
  const lock = [`.${table.name}.index`];
  const [taken] = yield* rowsOf(`select get_lock(${name}, 0) as held`, lock);
  if (Number(taken?.['held']) !== 1) return false;
  const [wait] = yield* rowsOf('select @@session.lock_wait_timeout as seconds');
  try {
    const { rows } = yield table.dialect.findIndex(table, index.suffix);
    if (rows.length > 0) return true;
    // The statement locks the table exclusively for a moment at its start and its end.
    yield statementOf('set session lock_wait_timeout = 1');
    yield statementOf(`${table.dialect.createIndex(table, index)} algorithm = inplace lock = none`);
    return true;
  } finally {
    yield statementOf(`set session lock_wait_timeout = ${Number(wait?.['seconds'])}`);
    yield* rowsOf(`select release_lock(${name})`, lock);
  }
}

function* rowsOf(sql: string, values: SqlStatement['values'] = []): SqlScript<readonly SqlRow[]> {
  return (yield { sql, values }).rows;
}

function indexPath({ dialect, schema }: Table, name: string): string {
  return (schema === null ? [name] : [schema, name]).map((each) => dialect.quote(each)).join('.');
}

function shortName(name: string): string {
  if (Buffer.byteLength(name) <= POSTGRES_BYTES) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `usage_${digest}`;
}
