import { resolve } from 'node:path';
import type { SqlStorageOptions, SqlTarget } from './sql-storage.options.js';

/** The place of an SQLite file with the default tables, which both classes can write. */
export function sqlitePlace(file: string): string {
  return `sqlite ${resolve(file)} usage_records`;
}

/** Where the records are: server, database, schema and table. Null: in memory. */
export function sqlPlace(target: SqlTarget, options: SqlStorageOptions): string | null {
  const { recordTable = 'usage_records', schema } = options;
  if ('sqlite' in target)
    return target.sqlite === ':memory:' ? null : `sqlite ${resolve(target.sqlite)} ${recordTable}`;
  const given = 'dataSource' in target ? target.dataSource.options : target.options;
  const { type, url, host, port, database } = given as {
    type: string;
    url?: string;
    host?: string;
    port?: number;
    database?: unknown;
  };
  const parsed = url !== undefined && URL.canParse(url) ? new URL(url) : null;
  const named = typeof database === 'string' ? database : undefined;
  if (/sqlite|sqljs/.test(type))
    return named === undefined || named === ':memory:'
      ? null
      : `sqlite ${resolve(named)} ${recordTable}`;
  const server = `${parsed?.hostname ?? host ?? 'localhost'}:${parsed?.port || port || 'default'}`;
  const inUrl = parsed && decodeURIComponent(parsed.pathname.slice(1));
  const place = [type, server, inUrl || named, schema, recordTable];
  return place.filter((part) => part !== undefined && part !== '').join(' ');
}
