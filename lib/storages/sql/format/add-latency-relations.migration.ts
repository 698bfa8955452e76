import type { SqlLayout } from '../layout/sql-layout.js';
import type { Table } from '../layout/table.js';
import { SqlBindings, type SqlScript, type SqlStatement } from '../sql-statement.js';
import {
  latenciesQuery,
  MYSQL_LATENCY,
  percentilesQuery,
  POSTGRES_LATENCY,
} from './latency-queries.js';
import type { UsageMigration } from './usage-migration.js';

const SUM_COLUMNS = 'dimension text, period text, date bigint, name text';
const FUNCTIONS = {
  latencies: `${SUM_COLUMNS}, seconds float8, requests bigint`,
  percentiles:
    `${SUM_COLUMNS}, hits bigint, transfer bigint, errors bigint, refused bigint, ` +
    'aborted bigint, duration numeric, p50 float8, p90 float8, p95 float8, p99 float8, ' +
    'slowest float8',
};
type Relation = keyof typeof FUNCTIONS;
const RELATIONS = Object.keys(FUNCTIONS) as Relation[];

/**
 * Makes the latency of sums readable in SQL, for dashboards: `<summaries>_latencies`, a row for each
 * slot of each sum, and `<summaries>_percentiles`, a row for each sum. They are views on MySQL and
 * MariaDB. On PostgreSQL they are functions, which a query sees through as through a view: a view
 * would keep the table from being dropped, restored or altered. SQLite has none.
 */
export const addLatencyRelations: UsageMigration = {
  name: 'AddLatencyRelations1795910400002',
  isOptional: true,
  columns: () => [],
  *isDone({ summaries }) {
    if (summaries.dialect.name === 'sqlite') return true;
    const { rows } = yield relationsOf(summaries);
    return rows.length === RELATIONS.length;
  },
  *up(layout) {
    for (const relation of RELATIONS) yield* create(layout, relation);
  },
  *down(layout) {
    for (const relation of RELATIONS) {
      const path = pathOf(layout, relation);
      const { name } = layout.summaries.dialect;
      if (name === 'postgres') yield statement(`drop function if exists ${path}()`);
      if (name === 'mysql') yield statement(`drop view if exists ${path}`);
    }
  },
};

function* create(layout: SqlLayout, relation: Relation): SqlScript {
  const { summaries } = layout;
  const path = pathOf(layout, relation);
  const query = relation === 'latencies' ? latenciesQuery : percentilesQuery;
  if (summaries.dialect.name === 'postgres')
    yield statement(
      `create or replace function ${path}() returns table (${FUNCTIONS[relation]}) ` +
        `language sql stable parallel safe as $usage$${query(summaries, POSTGRES_LATENCY)}$usage$`,
    );
  if (summaries.dialect.name === 'mysql')
    yield statement(
      // With the rights of who reads: those of who has made it may go with that account.
      `create or replace sql security invoker view ${path} as ${query(summaries, MYSQL_LATENCY)}`,
    );
}

function pathOf({ summaries }: SqlLayout, relation: Relation): string {
  const { dialect, schema } = summaries;
  const name = dialect.quote(summaries.indexName(relation));
  return schema === null ? name : `${dialect.quote(schema)}.${name}`;
}

function statement(sql: string) {
  return { sql, values: [] };
}

/** Finds those relations that are there. */
function relationsOf(summaries: Table): SqlStatement {
  const { dialect, schema } = summaries;
  const bindings = new SqlBindings(dialect);
  const place = bindings.add(schema);
  const names = RELATIONS.map((each) => bindings.add(summaries.indexName(each))).join(', ');
  const sql =
    dialect.name === 'postgres'
      ? 'select proname from pg_proc p join pg_namespace s on s.oid = p.pronamespace ' +
        `where p.prokind = 'f' and p.pronargs = 0 and s.nspname = coalesce(${place}, ` +
        `current_schema()) and p.proname in (${names})`
      : 'select table_name from information_schema.views ' +
        `where table_schema = coalesce(${place}, database()) and table_name in (${names})`;
  return { sql, values: bindings.values };
}
