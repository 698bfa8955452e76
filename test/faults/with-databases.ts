import { describe } from 'vitest';
import { describeWithServer } from '../support/servers.js';
import type { Database } from './databases.js';

/** A group of specs for each database; its server's address is empty where it needs none. */
export function describeDatabases(
  databases: readonly Database[],
  define: (database: Database, url: string) => void,
): void {
  for (const database of databases)
    if (database.server === undefined) describe(database.name, () => define(database, ''));
    else describeWithServer(database.server, database.name, (url) => define(database, url));
}
