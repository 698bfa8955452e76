import type { Database } from './database.js';

export const DATABASE_NAMES = [
  'sqlite',
  'postgres',
  'mariadb',
  'mysql',
  'mongodb',
  'redis',
  'couchdb',
  'clickhouse',
] as const;
export type DatabaseName = (typeof DATABASE_NAMES)[number];

export async function databaseOf(name: DatabaseName): Promise<Database> {
  return ((await import(`./${name}.js`)) as { database: Database }).database;
}

/** Null where a database has no server to be measured on. */
export async function reachable(name: DatabaseName): Promise<Database | null> {
  const database = await databaseOf(name);
  const { title, variable } = database;
  if (variable === undefined || process.env[variable]) return database;
  console.log(`${title} is left out: ${variable} has no address.`);
  return null;
}
