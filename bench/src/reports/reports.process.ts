import { setTimeout as delay } from 'node:timers/promises';
import type { ReportQuery, UsageQuery } from 'nestjs-track-usage';
import { databaseOf, type DatabaseName } from '../databases/index.js';
import type { TableNames } from '../databases/database.js';
import { LoopWatch, type LoopHeld } from '../event-loop/loop-watch.js';
import { DEFAULT_HOOKS, openStorage } from '../open-storage.js';
import { serveCommands } from '../processes/serve-commands.js';
import { BusySource } from './busy-source.js';
import { hearStatements } from './heard-statements.js';

/** What asking one question once took. */
export interface Asked {
  readonly milliseconds: number;
  /** Of the query by hand, where there is one. */
  readonly raw: number | null;
  readonly loop: LoopHeld;
}

/** What streaming records took. */
export interface Streamed {
  readonly count: number;
  readonly seconds: number;
  /** Resident memory of the process, each 20,000 records. */
  readonly megabytes: readonly number[];
}

/** A statement of ours, and how the database answers it. */
export interface StatementPlan {
  readonly sql: string;
  readonly lines: readonly string[];
}

const DAY_MS = 86_400_000;
const SAMPLED = 20_000;
/** More are copied by the server, where it can. */
const MOST_STORED = 1_000_000;
/** Larger than what an application stores at once: the tables are filled sooner. */
const BATCH_SIZE = 20_000;
const ROUTES = 10;
const PLATFORM = 'Android';
const VISITOR = `visitor-${(777).toString(36).padStart(6, '0')}`;

const [name, scratch, text, end] = process.argv.slice(2) as [DatabaseName, string, string, string];
const tables = JSON.parse(text) as TableNames;
const database = await databaseOf(name);
const storage = await openStorage(database.storage(scratch, tables, DEFAULT_HOOKS), DEFAULT_HOOKS);
const raw = await database.openRaw(scratch, tables);
const now = Number(end);
const month = { first: now - 30 * DAY_MS, last: now - 1 };
const filtered = { platform: PLATFORM, ...month, limit: ROUTES };

const top = (last: number, query: Partial<ReportQuery> = {}): ReportQuery => ({
  dimensions: ['route'],
  metrics: ['hits', 'p50', 'p95', 'errors'],
  startDate: new Date(last - 30 * DAY_MS + 1),
  endDate: new Date(last),
  limit: ROUTES,
  ...query,
});
const byStatus = (platform: string): ReportQuery => ({
  dimensions: ['route', 'status'],
  metrics: ['hits', 'errors'],
  where: { platform },
  startDate: new Date(month.first),
  endDate: new Date(month.last),
  limit: ROUTES,
});
const middle = now - 15 * DAY_MS;

const QUESTIONS: Record<string, ReportQuery> = {
  'top ten routes of the last 30 days, with p50, p95 and errors': top(month.last),
  'the same, compared with the 30 days before': top(month.last, { compare: 'previous' }),
  'top ten routes of 30 days that ended 15 days ago': top(middle),
  'by route and status, of one platform': byStatus(PLATFORM),
  'by route and status, of a platform that nobody uses': byStatus('Amiga'),
};

/** What is asked of the records themselves. */
const RECORDS: Record<string, UsageQuery> = {
  'the page of the 500 newest records': { limit: 500 },
  'the 100 newest records of one visitor': { where: { visitorId: VISITOR }, limit: 100 },
};

serveCommands({
  questions: () => [...Object.keys(QUESTIONS), ...Object.keys(RECORDS)],
  async fill(size: number): Promise<number> {
    const start = performance.now();
    const span = { start: now - 60 * DAY_MS, end: now };
    // What is copied has all in it.
    const stored = database.copy ? Math.min(size, MOST_STORED) : size;
    const source = new BusySource(stored, span.start, span.end);
    while (source.left > 0) await storage.store(source.batch(BATCH_SIZE));
    if (stored < size) await database.copy!(tables, size / stored, span);
    await database.settle?.(storage, tables);
    return (performance.now() - start) / 1000;
  },
  async ask(question: string): Promise<Asked> {
    const query = QUESTIONS[question];
    let ofRaw: number | null = null;
    if (query?.where && raw.byRoute) {
      const platform = query.where['platform'] as string;
      const start = performance.now();
      await raw.byRoute({ ...filtered, platform });
      ofRaw = performance.now() - start;
    }
    await delay(20);
    const watch = new LoopWatch();
    const start = performance.now();
    if (query) await storage.report!(query);
    else await storage.getUsage!(RECORDS[question]);
    const milliseconds = performance.now() - start;
    return { milliseconds, raw: ofRaw, loop: watch.stop() };
  },
  /** Streams records, and tells what memory the process took meanwhile. */
  async stream(most: number): Promise<Streamed> {
    const start = performance.now();
    const megabytes: number[] = [];
    let count = 0;
    for await (const _ of storage.streamUsage!()) {
      if (count++ % SAMPLED === 0) megabytes.push(process.memoryUsage.rss() / 1e6);
      if (count === most) break;
    }
    return { count, seconds: (performance.now() - start) / 1000, megabytes };
  },
  async bytes(): Promise<number> {
    const own = storage as { health?(): Promise<{ bytes: number | null }> };
    return (await database.bytes?.(tables)) ?? (await own.health?.())?.bytes ?? 0;
  },
  report: (question: string) => storage.report!(QUESTIONS[question]),
  plan: async () => (await raw.plan?.(filtered)) ?? [],
  /** How the database answers the statements of a report, each once. */
  async ownPlans(question: string): Promise<StatementPlan[]> {
    const end = raw.explain && (await hearStatements(name));
    if (!end) return [];
    await storage.report!(QUESTIONS[question]);
    const plans: StatementPlan[] = [];
    for (const { sql, values } of end())
      plans.push({ sql, lines: await raw.explain!(sql, values) });
    return plans;
  },
  async close(drop: boolean) {
    await raw.close();
    await storage.close?.();
    if (drop) await database.drop(scratch, tables);
  },
});
