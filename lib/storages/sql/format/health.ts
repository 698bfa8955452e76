import type { BaseStorageParts } from '../../base/base-storage.js';
import type { MigrationStep } from '../../base/migration-step.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { SqlStatement } from '../sql-statement.js';
import { looseCollations } from './check-collations.js';
import { plannedMigrations } from './planned-migrations.js';

/** What an SQL database says of the size and the settings of its tables. */
export class SqlHealth implements NonNullable<BaseStorageParts['health']> {
  constructor(
    private readonly engine: SqlEngine,
    private readonly layout: SqlLayout,
  ) {}

  async bytes(): Promise<number | null> {
    const [row] = await this.engine.read(bytesOf(this.layout));
    const bytes = row?.['bytes'];
    return bytes === null || bytes === undefined ? null : Number(bytes);
  }

  async faults(): Promise<readonly string[]> {
    const loose = await this.engine.steps(() => looseCollations(this.layout));
    return [...(loose === null ? [] : [loose]), ...(await this.journalFault())];
  }

  missing(): Promise<readonly MigrationStep[]> {
    return this.engine.steps(() => plannedMigrations(this.layout));
  }

  private async journalFault(): Promise<string[]> {
    if (this.layout.records.dialect.name !== 'sqlite') return [];
    const [row] = await this.engine.read({
      sql: 'select journal_mode as mode from pragma_journal_mode',
      values: [],
    });
    const mode = String(row?.['mode']);
    if (mode === 'wal' || mode === 'memory') return [];
    return [
      `SQLite's journal_mode is ${mode}: readers and writers wait for each other. ` +
        'Run: PRAGMA journal_mode = WAL.',
    ];
  }
}

function bytesOf({ records, summaries, buckets, salts }: SqlLayout): SqlStatement {
  const tables = [records, summaries, buckets, salts];
  switch (records.dialect.name) {
    case 'postgres':
      return {
        sql:
          'select coalesce(sum(pg_total_relation_size(coalesce(i.inhrelid, c.oid))), 0) as bytes ' +
          'from unnest($1::text[]) t(path) join pg_class c on c.oid = to_regclass(t.path) ' +
          'left join pg_inherits i on i.inhparent = c.oid',
        values: [tables.map(({ path }) => path)],
      };
    case 'mysql':
      return {
        sql:
          'select sum(data_length + index_length) as bytes from information_schema.tables ' +
          `where table_schema = coalesce(?, database()) and table_name in (${tables.map(() => '?').join(', ')})`,
        values: [records.schema, ...tables.map(({ name }) => name)],
      };
    default:
      return {
        sql: 'select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()',
        values: [],
      };
  }
}
