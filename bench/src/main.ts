import { fileURLToPath } from 'node:url';
import { DATABASE_NAMES, reachable, type DatabaseName } from './databases/index.js';
import { measureDashboard } from './dashboard/dashboard.js';
import { measureEventLoop, SQLITE_PLACES, type SqlitePlace } from './event-loop/event-loop.js';
import { measureImport } from './import/import.js';
import { measureIndexes } from './indexes/indexes.js';
import { INDEXED_DATABASES, type IndexedDatabase } from './indexes/open-table.js';
import { measureIngest } from './ingest/ingest.js';
import { measureJournal } from './journal/journal.js';
import { measureMemory } from './memory/memory.js';
import { measureMigrate, SQL_DATABASES, type SqlDatabase } from './migrate/migrate.js';
import { measureOutage } from './outage/outage.js';
import { measureOverhead } from './overhead/overhead.js';
import { measureProfile } from './profile/profile.js';
import { measureQuery } from './query/query.js';
import { measureReports } from './reports/reports.js';
import { readSettings, PLATFORMS, type Settings } from './settings.js';
import { measureSizes } from './sizes/sizes.js';
import { measureStartup } from './startup/startup.js';
import { saveResult } from './report/results.js';
import { writeReport } from './report/write-report.js';

const HOME = fileURLToPath(new URL('../report/', import.meta.url));

const settings = readSettings(process.argv.slice(2), HOME);

interface Bench {
  readonly subjects: readonly string[];
  /** Null where it cannot be measured here. */
  run(subject: string, settings: Settings): Promise<unknown>;
}

const BENCHES: Record<string, Bench> = {
  overhead: {
    subjects: PLATFORMS,
    run: (subject, settings) => measureOverhead(subject as (typeof PLATFORMS)[number], settings),
  },
  profile: {
    subjects: PLATFORMS,
    run: (subject, settings) => measureProfile(subject as (typeof PLATFORMS)[number], settings),
  },
  ingest: {
    subjects: DATABASE_NAMES,
    async run(subject, settings) {
      const database = await reachable(subject as DatabaseName);
      return database && measureIngest(subject as DatabaseName, database, settings);
    },
  },
  reports: {
    subjects: DATABASE_NAMES.filter((name) => name !== 'couchdb'),
    async run(subject, settings) {
      const database = await reachable(subject as DatabaseName);
      return database && measureReports(subject as DatabaseName, database, settings);
    },
  },
  query: {
    subjects: DATABASE_NAMES,
    async run(subject, settings) {
      const database = await reachable(subject as DatabaseName);
      return database && measureQuery(database, settings);
    },
  },
  sizes: {
    subjects: DATABASE_NAMES,
    async run(subject, settings) {
      const database = await reachable(subject as DatabaseName);
      return database && measureSizes(subject, database, settings);
    },
  },
  indexes: {
    subjects: INDEXED_DATABASES,
    async run(subject, settings) {
      const name = subject as IndexedDatabase;
      return (await reachable(name)) && measureIndexes(name, settings);
    },
  },
  journal: {
    subjects: ['sqlite'],
    run: (_subject, settings) => measureJournal(settings),
  },
  dashboard: { subjects: ['sqlite'], run: (_, settings) => measureDashboard(settings) },
  'event-loop': {
    subjects: SQLITE_PLACES,
    run: (subject, settings) => measureEventLoop(subject as SqlitePlace, settings),
  },
  import: {
    subjects: ['sqlite'],
    run: (_subject, settings) => measureImport(settings),
  },
  migrate: {
    subjects: SQL_DATABASES,
    run: (subject, settings) => measureMigrate(subject as SqlDatabase, settings),
  },
  outage: {
    subjects: PLATFORMS,
    run: (subject, settings) => measureOutage(subject as (typeof PLATFORMS)[number], settings),
  },
  startup: {
    subjects: ['express'],
    run: (_, settings) => measureStartup(settings),
  },
  memory: {
    subjects: PLATFORMS,
    run: (subject, settings) => measureMemory(subject as (typeof PLATFORMS)[number], settings),
  },
};

const measured = new Set<string>();
const wanted = settings.bench === undefined ? Object.keys(BENCHES) : [settings.bench];
for (const name of wanted) {
  if (name === 'report') continue;
  const bench = BENCHES[name];
  if (!bench)
    throw new TypeError(`expected ${Object.keys(BENCHES).join(', ')} or report, but got ${name}.`);
  for (const subject of settings.subjects.length > 0 ? settings.subjects : bench.subjects) {
    if (!bench.subjects.includes(subject))
      throw new TypeError(`${name}: expected ${bench.subjects.join(', ')}, but got ${subject}.`);
    const result = await bench.run(subject, settings);
    if (result === null) continue;
    await saveResult(settings.out, name, subject, result);
    measured.add(`${name}-${subject}`);
  }
}
const missed = await writeReport(settings.out, measured);
for (const line of missed) console.error(`missed: ${line}`);
if (missed.length > 0) process.exitCode = 1;
