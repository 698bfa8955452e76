import type SqliteDatabase from 'better-sqlite3';
import { defaultExport } from '../../../support/default-export.js';
import { missingDriver } from '../connection/open-error.js';

const PACKAGE = 'better-sqlite3';

/** @throws if it is not installed: what to do. */
export async function loadBetterSqlite3(owner: string): Promise<typeof SqliteDatabase> {
  return defaultExport(
    await import('better-sqlite3').catch((error: unknown) => {
      throw missingDriver(owner, PACKAGE, PACKAGE, error);
    }),
  );
}
