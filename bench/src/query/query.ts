import { sumUrls, type UsageStorage } from 'nestjs-track-usage';
import type { Database, RawSide, TableNames } from '../databases/database.js';
import { openStorage } from '../open-storage.js';
import { RecordSource } from '../records.js';
import { withScratch } from '../scratch.js';
import type { Settings } from '../settings.js';

/** One question, asked of both sides in turn. */
export interface QueryTimes {
  readonly question: string;
  /** Records in the table. */
  readonly size: number;
  /** Milliseconds, in pairs. */
  readonly raw: readonly number[];
  readonly ours: readonly number[];
}

export interface QueryResult {
  readonly title: string;
  readonly queries: readonly QueryTimes[];
}

interface Question {
  readonly name: string;
  /** How often it is asked, and how often before that. */
  readonly times: number;
  /** Both resolve to how many rows they got, which must be the same. */
  raw(raw: RawSide, size: number): Promise<number>;
  ours(storage: UsageStorage, size: number): Promise<number>;
}

const TABLES: TableNames = {
  recordTable: `bench_query_records_${process.pid}`,
  summaryTable: `bench_query_sums_${process.pid}`,
};
const BATCH_SIZE = 500;
const PAGE = 500;
const MONTH_START = Date.UTC(2026, 5, 1);
const MONTH_END = Date.UTC(2026, 6, 1) - 1;
const PERIODS = ['hour', 'day', 'month'];

/** The deep page begins where half of the records are behind. */
const deepPage = (size: number) => Math.floor(size / 2 / PAGE);

const QUESTIONS: readonly Question[] = [
  {
    name: `getUsage, a page of ${PAGE}`,
    times: 60,
    raw: async (raw) => (await raw.page(PAGE, 0)).length,
    ours: async (storage) => (await storage.getUsage!({ limit: PAGE })).length,
  },
  {
    name: `getUsage, a page of ${PAGE} from the middle`,
    times: 12,
    raw: async (raw, size) => (await raw.page(PAGE, (deepPage(size) - 1) * PAGE)).length,
    ours: async (storage, size) =>
      (await storage.getUsage!({ limit: PAGE, page: deepPage(size) })).length,
  },
  {
    name: 'streamUsage, 10,000 records',
    times: 8,
    raw: (raw) => countOf(raw.stream(), 10_000),
    ours: (storage) => countOf(storage.streamUsage!(), 10_000),
  },
  {
    name: "getSum('url') of a month",
    times: 40,
    async raw(raw) {
      const lists = await Promise.all(
        PERIODS.map((period) => raw.sums(period, MONTH_START, MONTH_END, PAGE)),
      );
      return lists.flat().length;
    },
    async ours(storage) {
      const range = { startDate: new Date(MONTH_START), endDate: new Date(MONTH_END) };
      const { hour, day, month } = await storage.getSum!('url', range);
      return hour.length + day.length + month.length;
    },
  },
];

/** Asks a storage and its raw driver the same, at several sizes of the table. */
export async function measureQuery(database: Database, settings: Settings): Promise<QueryResult> {
  const queries: QueryTimes[] = [];
  await withScratch(async (scratch) => {
    const hooks = [sumUrls];
    const storage = await openStorage(database.storage(scratch, TABLES, hooks), hooks);
    const raw = await database.openRaw(scratch, TABLES);
    try {
      for (const size of settings.sizes) {
        await fill(storage, await raw.count(), size);
        for (const question of QUESTIONS) {
          queries.push(await ask(question, storage, raw, size));
          console.log(`query ${database.title}: ${size} records, ${question.name}`);
        }
      }
    } finally {
      await raw.close();
      await storage.close?.();
      await database.drop(scratch, TABLES);
    }
  });
  return { title: database.title, queries };
}

/** Spreads what is missing over the month, so that each size looks like a month's traffic. */
async function fill(storage: UsageStorage, from: number, size: number): Promise<void> {
  const step = (MONTH_END - MONTH_START) / (size - from);
  const source = new RecordSource(from + 1, (index) => MONTH_START + Math.floor(index * step));
  for (let at = from; at < size; at += BATCH_SIZE)
    await storage.store(source.batch(Math.min(BATCH_SIZE, size - at)));
}

async function ask(question: Question, storage: UsageStorage, raw: RawSide, size: number) {
  const times: { raw: number[]; ours: number[] } = { raw: [], ours: [] };
  for (let at = -Math.ceil(question.times / 4); at < question.times; at++) {
    const ofRaw = await timed(() => question.raw(raw, size));
    const ofOurs = await timed(() => question.ours(storage, size));
    if (ofRaw.rows !== ofOurs.rows)
      throw new Error(`${question.name}: raw ${ofRaw.rows} rows, ours ${ofOurs.rows}.`);
    if (at < 0) continue;
    times.raw.push(ofRaw.milliseconds);
    times.ours.push(ofOurs.milliseconds);
  }
  return { question: question.name, size, ...times };
}

async function timed(work: () => Promise<number>) {
  const start = performance.now();
  const rows = await work();
  return { rows, milliseconds: performance.now() - start };
}

async function countOf(rows: AsyncIterable<unknown>, limit: number): Promise<number> {
  let count = 0;
  for await (const _row of rows) if (++count >= limit) break;
  return count;
}
