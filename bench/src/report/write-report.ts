import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DashboardResult } from '../dashboard/dashboard.js';
import type { EventLoopResult } from '../event-loop/event-loop.js';
import type { IngestResult } from '../ingest/ingest.js';
import type { MemoryResult } from '../memory/memory.js';
import type { MigrateResult } from '../migrate/migrate.js';
import type { OutageResult } from '../outage/outage.js';
import type { OverheadResult } from '../overhead/overhead.js';
import type { QueryResult } from '../query/query.js';
import { dashboardSection, dashboardTargets } from './dashboard-section.js';
import type { Environment } from './environment.js';
import { eventLoopSection, eventLoopTargets } from './event-loop-section.js';
import type { ImportResult } from '../import/import.js';
import type { IndexesResult } from '../indexes/indexes.js';
import { importSection, importTargets } from './import-section.js';
import { indexesSection } from './indexes-section.js';
import { ingestSection, ingestTargets } from './ingest-section.js';
import type { JournalResult } from '../journal/journal.js';
import { journalSection, journalTargets } from './journal-section.js';
import { migrateSection, migrateTargets } from './migrate-section.js';
import { memorySection, memoryTargets } from './memory-section.js';
import { outageSection, outageTargets } from './outage-section.js';
import { overheadPlot } from './overhead-plot.js';
import { isQuiet, overheadSection, overheadTargets } from './overhead-section.js';
import type { ProfileResult } from '../profile/profile.js';
import { profileSection } from './profile-section.js';
import { querySection, queryTargets } from './query-section.js';
import type { ReportsResult } from '../reports/reports.js';
import { reportsSection, reportsTargets } from './reports-section.js';
import { sizesSection } from './sizes-section.js';
import type { SizesResult } from '../sizes/sizes.js';
import { readResults, type SavedResult } from './results.js';
import type { StartupResult } from '../startup/startup.js';
import { startupSection, startupTargets } from './startup-section.js';
import { table } from './tables.js';
import type { Target } from './target.js';

interface Section {
  readonly bench: string;
  readonly title: string;
  readonly section: (result: never) => string;
  readonly targets: (result: never) => Target[];
}

const SECTIONS: readonly Section[] = [
  {
    bench: 'overhead',
    title: 'Overhead: what a request costs more',
    section: (result: OverheadResult) => overheadSection(result),
    targets: (result: OverheadResult) => overheadTargets(result),
  },
  {
    bench: 'profile',
    title: 'Profile: where the time goes, thread by thread',
    section: (result: ProfileResult) => profileSection(result),
    targets: () => [],
  },
  {
    bench: 'ingest',
    title: 'Ingest: storing records, against the raw driver',
    section: (result: IngestResult) => ingestSection(result),
    targets: (result: IngestResult) => ingestTargets(result),
  },
  {
    bench: 'journal',
    title: 'Journal: what it costs a record',
    section: (result: JournalResult) => journalSection(result),
    targets: (result: JournalResult) => journalTargets(result),
  },
  {
    bench: 'query',
    title: 'Query: reading them, against the raw query',
    section: (result: QueryResult) => querySection(result),
    targets: (result: QueryResult) => queryTargets(result),
  },
  {
    bench: 'reports',
    title: 'Reports: what is asked of the records of 60 days',
    section: (result: ReportsResult) => reportsSection(result),
    targets: (result: ReportsResult) => reportsTargets(result),
  },
  {
    bench: 'sizes',
    title: 'Sizes: bytes a record, of a busy application',
    section: (result: SizesResult) => sizesSection(result),
    targets: () => [],
  },
  {
    bench: 'dashboard',
    title: 'Dashboard: opening the page of 30 days',
    section: (result: DashboardResult) => dashboardSection(result),
    targets: (result: DashboardResult) => dashboardTargets(result),
  },
  {
    bench: 'indexes',
    title: 'Indexes: what one of each field that people filter by costs',
    section: (result: IndexesResult) => indexesSection(result),
    targets: () => [],
  },
  {
    bench: 'event-loop',
    title: 'Event loop: how long SQLite holds it',
    section: (result: EventLoopResult) => eventLoopSection(result),
    targets: (result: EventLoopResult) => eventLoopTargets(result),
  },
  {
    bench: 'import',
    title: 'Import: an access log by the command, against store() alone',
    section: (result: ImportResult) => importSection(result),
    targets: (result: ImportResult) => importTargets(result),
  },
  {
    bench: 'migrate',
    title: 'Migrate: those who write while tables are brought up to date',
    section: (result: MigrateResult) => migrateSection(result),
    targets: (result: MigrateResult) => migrateTargets(result),
  },
  {
    bench: 'outage',
    title: 'Outage: responses while the storage is down',
    section: (result: OutageResult) => outageSection(result),
    targets: (result: OutageResult) => outageTargets(result),
  },
  {
    bench: 'startup',
    title: 'Startup: a thousand routes',
    section: (result: StartupResult) => startupSection(result),
    targets: (result: StartupResult) => startupTargets(result),
  },
  {
    bench: 'memory',
    title: 'Memory: at a fixed rate',
    section: (result: MemoryResult) => memorySection(result),
    targets: (result: MemoryResult) => memoryTargets(result),
  },
];

/**
 * Writes `report.md` and `overhead.svg` from the measurements that are there.
 *
 * @returns the targets that were missed by what was measured of `benches` on a quiet machine, a
 *   line for each.
 */
export async function writeReport(out: string, benches: ReadonlySet<string>): Promise<string[]> {
  const results = await readResults(out);
  const of = (bench: string) => results.filter((each) => each.bench === bench);
  const overheads = of('overhead').map(({ result }) => result as OverheadResult);
  if (overheads.length > 0) await writeFile(join(out, 'overhead.svg'), overheadPlot(overheads));

  const targets = SECTIONS.flatMap(({ bench, targets: targetsOf }) =>
    of(bench).flatMap(({ result }) => targetsOf(result as never)),
  );
  const text = [
    '# What it costs',
    '',
    'Written by `npm run bench`; how it measures is in [the README](../README.md). A figure with ' +
      'brackets is the median of paired rounds, or of paired processes for peaks of RSS, and the ' +
      'middle half of them. Only differences and ratios within a table mean something, and nothing ' +
      'below the difference that the A/A pair shows.',
    '',
    ...(results.some(isBusy) ? [BUSY, ''] : []),
    ...(overheads.length > 0 ? ['![What is added to a request](overhead.svg)', ''] : []),
    '## Targets',
    '',
    table(
      ['', 'target', 'measured', 'met'],
      targets.map(({ what, bound, measured, verdict }) => [what, bound, measured, verdict]),
    ),
    '',
    ...SECTIONS.flatMap(({ bench, title, section }) => {
      const measured = of(bench);
      if (measured.length === 0) return [];
      return [
        `## ${title}`,
        '',
        ...measured.flatMap((each) => [section(each.result as never), '', footOf(each), '']),
      ];
    }),
    ...environmentSection(results),
  ].join('\n');
  await writeFile(join(out, 'report.md'), text);
  return missed(results.filter(({ bench, subject }) => benches.has(`${bench}-${subject}`)));
}

/** A busy machine says nothing against a target. */
function missed(results: readonly SavedResult[]): string[] {
  return results
    .filter((each) => !isBusy(each))
    .flatMap(({ bench, result }) => {
      const targetsOf = SECTIONS.find((section) => section.bench === bench)?.targets;
      if (bench === 'overhead' && !isQuiet(result as OverheadResult)) return [];
      return targetsOf?.(result as never) ?? [];
    })
    .filter(({ verdict }) => verdict === '**no**')
    .map(({ what, bound, measured }) => `${what}: ${bound}, but it was ${measured}`);
}

const BUSY =
  '**The machine was busy with other work while some of this was measured.** Where two processes ' +
  'share a core, each takes several times its usual CPU for the same work, so that microseconds ' +
  'are too many, those of the bare application as well: read them against its own.';

const isBusy = ({ load, environment }: SavedResult) => load > 2 * environment.cores;

function footOf(result: SavedResult): string {
  const { date, load, environment } = result;
  const { cores, cpu } = environment;
  const noise = isBusy(result) ? ', most of it not the bench: compare with the A/A pair' : '';
  return `_${date} UTC; load at the end ${load.toFixed(1)} on ${cores} cores (${cpu})${noise}._`;
}

function environmentSection(results: readonly SavedResult[]): string[] {
  const environment = results.reduce<SavedResult | null>(
    (latest, each) => (latest && latest.date > each.date ? latest : each),
    null,
  )?.environment;
  if (!environment) return [];
  // The processors may differ: each section names its own.
  const { memory, system, node } = environment;
  return [
    '## Measured on',
    '',
    `${memory} GiB, ${system}, Node ${node}. ${versionsOf(environment)}.`,
    '',
  ];
}

function versionsOf({ versions }: Environment): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}
