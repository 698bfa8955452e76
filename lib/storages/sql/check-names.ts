import { inspect } from 'node:util';
import type { SqlStorageOptions } from './sql-storage.options.js';

const NAMES = ['recordTable', 'summaryTable', 'schema'] as const;

/** @throws {TypeError} for what is no name of a table or a schema, and for one name twice. */
export function checkNames(options: SqlStorageOptions): void {
  for (const option of NAMES) {
    const name: unknown = options[option];
    if (name === undefined) continue;
    if (typeof name === 'string' && name.trim() !== '' && !name.includes('\0')) continue;
    const kind = option === 'schema' ? 'a schema' : 'a table';
    throw new TypeError(
      `SqlStorage: ${option}: expected the name of ${kind}, but got ${inspect(name)}.`,
    );
  }
  const { recordTable, summaryTable } = options;
  if (recordTable !== undefined && recordTable === summaryTable)
    throw new TypeError(
      `SqlStorage: summaryTable: expected another table than recordTable, but both are ${inspect(recordTable)}.`,
    );
}
