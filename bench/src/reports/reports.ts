import type { Database } from '../databases/database.js';
import type { DatabaseName } from '../databases/index.js';
import type { LoopHeld } from '../event-loop/loop-watch.js';
import { Child } from '../processes/child.js';
import { quietTime } from '../processes/quiet-time.js';
import type { Settings } from '../settings.js';
import { withFilled } from './filled.js';
import type { Asked, StatementPlan, Streamed } from './reports.process.js';

export interface ReportsResult {
  readonly title: string;
  readonly reports: readonly ReportTimes[];
  /** Bytes a record, sums included, and what streaming a million records took, by size. */
  readonly data?: readonly {
    readonly size: number;
    readonly bytes: number;
    readonly fillSeconds: number;
    readonly streamed: Streamed;
  }[];
  /** How the database answers the query by hand, by size. */
  readonly plans: readonly { readonly size: number; readonly lines: readonly string[] }[];
  /** How it answers the statements of the first question, of the largest size. */
  readonly ownPlans?: readonly StatementPlan[];
}

/** One question, asked many times. */
export interface ReportTimes {
  readonly question: string;
  /** Records in the table. */
  readonly size: number;
  /** Milliseconds. */
  readonly ours: readonly number[];
  /** Of the query by hand, in pairs with `ours`; empty where there is none. */
  readonly raw: readonly number[];
  /** How long the event loop was held, at most. */
  readonly loop: LoopHeld;
}

const MOST_STREAMED = 1_000_000;
/** Rounds before those that count. */
const WARM_UP_ROUNDS = 3;
/** Milliseconds after which no more rounds of a question begin, but for the fewest. */
const LONGEST_MS = 30_000;
const FEWEST_ROUNDS = 8;

/** Asks a storage for reports about the records of 60 days, at several sizes. */
export async function measureReports(
  name: DatabaseName,
  database: Database,
  settings: Settings,
): Promise<ReportsResult> {
  const reports: ReportTimes[] = [];
  const data: { size: number; bytes: number; fillSeconds: number; streamed: Streamed }[] = [];
  const plans: { size: number; lines: string[] }[] = [];
  let ownPlans: readonly StatementPlan[] = [];
  for (const size of settings.sizes)
    await withFilled(name, size, settings, async ({ scratch, tables, end, filled, kept }) => {
      const args = [name, scratch, JSON.stringify(tables), String(end)];
      const child = await Child.start('reports/reports.process.js', args, {
        execArgv: settings.nodeFlags,
      });
      try {
        const seconds = filled ?? (await child.call<number>('fill', size));
        await kept(seconds);
        console.log(`reports ${name}: ${size} records are in, after ${seconds.toFixed(0)} s`);
        await quietTime(settings);
        const bytes = (await child.call<number>('bytes')) / size;
        for (const question of await child.call<string[]>('questions')) {
          reports.push({ question, size, ...(await ask(child, question, settings.rounds)) });
          const { ours } = reports.at(-1)!;
          const middle = ours.toSorted((a, b) => a - b)[Math.floor(ours.length / 2)]!;
          console.log(`reports ${name}: ${question}: ${middle.toFixed(1)} ms`);
        }
        const streamed = await child.call<Streamed>('stream', MOST_STREAMED);
        data.push({ size, bytes, fillSeconds: seconds, streamed });
        plans.push({ size, lines: await child.call<string[]>('plan') });
        const [first] = await child.call<string[]>('questions');
        ownPlans = await child.call<StatementPlan[]>('ownPlans', first);
        await child.call('close', settings.keep === null);
      } finally {
        await child.stop();
      }
    });
  return { title: database.title, reports, data, plans, ownPlans };
}

async function ask(
  child: Child,
  question: string,
  rounds: number,
): Promise<Pick<ReportTimes, 'ours' | 'raw' | 'loop'>> {
  const asked: Asked[] = [];
  let end = Infinity;
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    if (round === 0) end = performance.now() + LONGEST_MS;
    if (round >= FEWEST_ROUNDS && performance.now() > end) break;
    const found = await child.call<Asked>('ask', question);
    if (round >= 0) asked.push(found);
  }
  const worst = (of: (loop: LoopHeld) => number | null) =>
    Math.max(...asked.map(({ loop }) => of(loop) ?? 0));
  return {
    ours: asked.map(({ milliseconds }) => milliseconds),
    raw: asked.flatMap(({ raw }) => raw ?? []),
    loop: {
      max: worst(({ max }) => max),
      p99: worst(({ p99 }) => p99),
      maxCpu: worst(({ maxCpu }) => maxCpu),
    },
  };
}
