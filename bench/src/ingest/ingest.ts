import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../databases/database.js';
import type { DatabaseName } from '../databases/index.js';
import { Child } from '../processes/child.js';
import { otherBuild } from '../processes/other-build.js';
import { withScratch } from '../scratch.js';
import type { Settings } from '../settings.js';
import type { Written } from './writer.process.js';

/** Who writes what. The raw side twice: what differs between the two is noise. */
export const WRITER_SIDES = [
  'raw',
  'raw-again',
  'raw-row-by-row',
  'ours',
  'raw-sums',
  'ours-sums',
  'raw-default',
  'raw-default-again',
  'ours-default',
  'raw-released',
  'raw-released-sums',
  'before',
  'before-again',
  'before-sums',
  'before-sums-again',
] as const;
export type WriterSide = (typeof WRITER_SIDES)[number];

export interface IngestResult {
  readonly title: string;
  readonly raw: string;
  readonly batchSize: number;
  /** By side, for each round. */
  readonly sides: Readonly<Record<string, readonly IngestRound[]>>;
  /** What was missing of what was written. */
  readonly missing: readonly string[];
}

export interface IngestRound {
  readonly recordsPerSecond: number;
  /** Microseconds of CPU of the writing process, per record. */
  readonly cpu: number;
}

const BATCH_SIZE = 500;
/** Of a round, at least. */
const RECORDS = 3000;
const FEWEST_BATCHES = 2;
const WARM_UP_ROUNDS = 4;

/** Gives batches to a storage and to its raw driver, in turn, each in a process of its own. */
export async function measureIngest(
  name: DatabaseName,
  { title, raw, rowByRow, columns, batchSize = BATCH_SIZE }: Database,
  { rounds, generations, nodeFlags, before, only }: Settings,
): Promise<IngestResult> {
  const batches = Math.max(FEWEST_BATCHES, RECORDS / batchSize);
  const writers = WRITER_SIDES.filter((side) => {
    if (only.length > 0 && !only.includes(side)) return false;
    if (side === 'raw-row-by-row') return rowByRow;
    if (isReleased(side)) return before !== null && columns;
    return before !== null || !isBefore(side);
  });
  const flagsOf = (side: WriterSide) =>
    isBefore(side) ? [...nodeFlags, ...otherBuild(before!)] : nodeFlags;
  const sides: Record<string, IngestRound[]> = {};
  const missing: string[] = [];
  for (let generation = 0; generation < generations; generation++) {
    await withScratch(async (scratch) => {
      const children = await Promise.all(
        writers.map(
          async (side) =>
            [side, await start(name, side, generation, scratch, flagsOf(side))] as const,
        ),
      );
      for (let round = -WARM_UP_ROUNDS; round < rounds; round++)
        for (const [side, child] of children) {
          const { seconds, cpu } = await child.call<Written>('write', batches);
          const records = batches * batchSize;
          if (round >= 0)
            (sides[side] ??= []).push({ recordsPerSecond: records / seconds, cpu: cpu / records });
        }
      const expected = (WARM_UP_ROUNDS + rounds) * batches * batchSize;
      for (const [side, child] of children) {
        const count = await child.call<number>('count');
        if (count !== expected) missing.push(`${side}: ${count} of ${expected} records`);
        await child.call('close');
        await child.stop();
      }
    });
    console.log(`ingest ${name}: ${generation + 1} of ${generations}`);
  }
  return { title, raw, batchSize, sides, missing };
}

async function start(
  name: DatabaseName,
  side: WriterSide,
  generation: number,
  scratch: string,
  execArgv: readonly string[],
): Promise<Child> {
  const folder = join(scratch, side);
  await mkdir(folder);
  // A storage remembers which tables it has made: no name is used twice.
  const suffix = `${side.replaceAll('-', '_')}_${process.pid}_${generation}`;
  const tables = { recordTable: `bench_records_${suffix}`, summaryTable: `bench_sums_${suffix}` };
  return Child.start('ingest/writer.process.js', [name, side, folder, JSON.stringify(tables)], {
    execArgv,
    env: {
      ...(isReleased(side) && { BENCH_COLUMNS: 'released' }),
      ...(side.includes('default') && { BENCH_SUMMARIES: 'default' }),
    },
  });
}

/** The storage of the commit before, which `--before` names. */
function isBefore(side: WriterSide): boolean {
  return side.startsWith('before');
}

/** By hand, without the columns that have come since version 0.1: what those cost. */
function isReleased(side: WriterSide): boolean {
  return side.startsWith('raw-released');
}
