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
  /** How often it is asked, if it does not take too long. */
  readonly times: number;
  /** Both resolve to how many rows they got, which must be the same. */
  raw(raw: RawSide, size: number): Promise<number>;
  ours(storage: UsageStorage, size: number): Promise<number>;
}

/** Rounds before those that count. */
const WARM_UP_ROUNDS = 3;
/** Milliseconds after which no more rounds of a question begin, but for the fewest. */
const LONGEST = 60_000;
const FEWEST_ROUNDS = 8;
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
    times: 200,
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
    times: 120,
    async raw(raw) {
      let rows = 0;
      for (const period of PERIODS)
        rows += (await raw.sums(period, MONTH_START, MONTH_END, PAGE)).length;
      return rows;
    },
    async ours(storage) {
      const range = { startDate: new Date(MONTH_START), endDate: new Date(MONTH_END) };
      const { hour, day, month } = await storage.getSum!('url', range);
      return hour.length + day.length + month.length;
    },
  },
];

/** A table of one size, open to both sides. */
interface Subject {
  readonly size: number;
  readonly tables: TableNames;
  readonly storage: UsageStorage;
  readonly raw: RawSide;
}

/** Asks storages and their raw driver the same, at several sizes, all of them in each round. */
export async function measureQuery(database: Database, settings: Settings): Promise<QueryResult> {
  const queries: QueryTimes[] = [];
  await withScratch(async (scratch) => {
    const subjects: Subject[] = [];
    try {
      for (const size of settings.sizes.filter((each) => each <= (database.mostRecords ?? each))) {
        subjects.push(await open(database, scratch, size));
        await fill(subjects.at(-1)!);
        console.log(`query ${database.title}: ${size} records are in`);
      }
      for (const question of QUESTIONS) {
        queries.push(...(await ask(question, subjects)));
        console.log(`query ${database.title}: ${question.name}`);
      }
    } finally {
      for (const { tables, storage, raw } of subjects) {
        await raw.close();
        await storage.close?.();
        await database.drop(scratch, tables);
      }
    }
  });
  return { title: database.title, queries };
}

async function open(database: Database, scratch: string, size: number): Promise<Subject> {
  const suffix = `${size}_${process.pid}`;
  const tables = { recordTable: `bench_records_${suffix}`, summaryTable: `bench_sums_${suffix}` };
  const hooks = [sumUrls];
  const storage = await openStorage(database.storage(scratch, tables, hooks), hooks);
  return { size, tables, storage, raw: await database.openRaw(scratch, tables) };
}

/** Spreads the records over the month, so that each size looks like a month's traffic. */
async function fill({ storage, size }: Subject): Promise<void> {
  const step = (MONTH_END - MONTH_START) / size;
  const source = new RecordSource(size, (index) => MONTH_START + Math.floor(index * step));
  for (let at = 0; at < size; at += BATCH_SIZE)
    await storage.store(source.batch(Math.min(BATCH_SIZE, size - at)));
}

async function ask(question: Question, subjects: readonly Subject[]): Promise<QueryTimes[]> {
  const all = subjects.map(({ size }) => ({
    question: question.name,
    size,
    raw: [] as number[],
    ours: [] as number[],
  }));
  let end = Infinity;
  for (let at = -WARM_UP_ROUNDS; at < question.times; at++) {
    if (at === 0) end = performance.now() + LONGEST;
    if (at >= FEWEST_ROUNDS && performance.now() > end) break;
    for (const [index, { size, raw, storage }] of subjects.entries()) {
      const ofRaw = await timed(() => question.raw(raw, size));
      const ofOurs = await timed(() => question.ours(storage, size));
      if (ofRaw.rows !== ofOurs.rows)
        throw new Error(`${question.name}: raw ${ofRaw.rows} rows, ours ${ofOurs.rows}.`);
      if (at < 0) continue;
      all[index]!.raw.push(ofRaw.milliseconds);
      all[index]!.ours.push(ofOurs.milliseconds);
    }
  }
  return all;
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
