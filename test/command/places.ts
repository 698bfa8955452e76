import {
  summary,
  sumBasic,
  sumBy,
  sumConsumers,
  sumRoutes,
  type UsageRecord,
} from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { createStorage, newPlace, type Database, type StorageRecipe } from '../faults/databases.js';
import { server } from '../support/servers.js';
import { contextOf } from '../support/storage-context.js';

/** A summary of the application's own. */
export const OWN_HOOK = summary('plan', (record) => record.trackVar?.['plan']);

/** The summaries that the application of the specs keeps. */
export const HOOKS = [sumBasic, sumRoutes, sumConsumers, sumBy('consumer', 'route'), OWN_HOOK];

/** A place with records, and the flags that name it. */
export interface FilledPlace {
  readonly flags: readonly string[];
  readonly records: readonly UsageRecord[];
  /** How an application stores there. */
  readonly recipe: StorageRecipe;
  remove(): Promise<void>;
}

const START = Date.UTC(2026, 8, 29, 22, 30);
const HOUR = 3_600_000;
const ROUTES = ['/cats', '/cats/:id', '/dogs/:id'];

/** Requests of three days and two months, by Berlin's clock. */
export function someRecords(): UsageRecord[] {
  return Array.from({ length: 72 }, (_, at) =>
    makeRecord({
      date: new Date(START + at * HOUR),
      route: ROUTES[at % 3]!,
      status: at % 9 === 0 ? 500 : at % 7 === 0 ? 404 : 200,
      speed: (at + 1) / 1000,
      contentLength: at * 100,
      username: ['ada', 'bob', null][at % 3]!,
      consumer: at % 2 === 0 ? 'shop' : null,
      trackVar: { plan: at % 2 === 0 ? 'pro' : 'free' },
    }),
  );
}

/** Fills a place of its own on a database as an application does, and closes it. */
export async function fillPlace(
  database: Database,
  records: readonly UsageRecord[] = someRecords(),
  hooks = HOOKS,
): Promise<FilledPlace> {
  const place = newPlace();
  const url = database.server === undefined ? '' : server(database.server)!;
  const recipe = database.recipe(url, place);
  const storage = createStorage(recipe, { hooks });
  await storage.open!(contextOf(hooks, { timeZone: 'Europe/Berlin' }));
  await storage.store(records);
  await storage.close!();
  return {
    flags: flagsOf(recipe.options),
    records,
    recipe,
    remove: () => database.remove(url, place),
  };
}

/** The flags that name the place of a storage's options. */
export function flagsOf(options: Readonly<Record<string, unknown>>): string[] {
  const flags: Record<string, string> = {
    recordTable: '--record-table',
    summaryTable: '--summary-table',
    collection: '--collection',
    summaryCollection: '--summary-collection',
    keyPrefix: '--key-prefix',
  };
  // CouchDB's database stands in the path of its address.
  const isCouch = 'url' in options && 'database' in options;
  const isClickHouse = !isCouch && String(options['url']).startsWith('http');
  const address = isCouch
    ? `${String(options['url']).replace(/\/$/, '')}/${String(options['database'])}`
    : isClickHouse
      ? String(options['url']).replace('http', 'clickhouse')
      : String(options['url'] ?? options['uri'] ?? options['database']);
  const names = Object.entries(flags).flatMap(([option, flag]) =>
    typeof options[option] === 'string' ? [flag, options[option]] : [],
  );
  return ['--storage', address, ...names];
}

/** The flags of `import` that name a place to read, from those that name it elsewhere. */
export function fromFlagsOf([, address, ...names]: readonly string[]): string[] {
  const flags = names.map((name) =>
    name === '--record-table' ? '--from-table' : name.replace(/^--/, '--from-'),
  );
  return ['--from', address!, ...flags];
}
