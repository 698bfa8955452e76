import type SqliteDatabase from 'better-sqlite3';
import { missingDriver } from './open-error.js';

const PACKAGE = 'better-sqlite3';

/** @throws if it is not installed: what to do. */
export async function loadBetterSqlite3(owner: string): Promise<typeof SqliteDatabase> {
  let loaded: { default?: typeof SqliteDatabase };
  try {
    loaded = await import('better-sqlite3');
  } catch (error) {
    throw missingDriver(owner, PACKAGE, PACKAGE, error);
  }
  // Compilers to CommonJS give the package itself, unless they are told to look for a default.
  return loaded.default ?? (loaded as unknown as typeof SqliteDatabase);
}
