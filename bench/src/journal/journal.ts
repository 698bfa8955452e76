import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Child } from '../processes/child.js';
import { withScratch } from '../scratch.js';
import type { Settings } from '../settings.js';

export interface JournalRound {
  readonly recordsPerSecond: number;
  /** Microseconds of CPU of the process, all its threads, for a record. */
  readonly cpu: number;
}

export interface JournalResult {
  /** By side, for each round; `without-again` is the A/A pair. */
  readonly sides: Readonly<Record<JournalSide, readonly JournalRound[]>>;
  readonly bytes: number;
  readonly records: number;
  /** What was missing of what was recorded. */
  readonly missing: readonly string[];
}

const SIDES = ['without', 'without-again', 'with'] as const;
export type JournalSide = (typeof SIDES)[number];

const RECORDS = 5000;
const WARM_UP_ROUNDS = 5;
const WAITING = 500;

/** Records on the embedded SQLite with a journal and without, in turn, each in a process of its own. */
export async function measureJournal({
  rounds,
  generations,
  nodeFlags,
}: Settings): Promise<JournalResult> {
  const sides = Object.fromEntries(SIDES.map((side) => [side, [] as JournalRound[]])) as Record<
    JournalSide,
    JournalRound[]
  >;
  const missing: string[] = [];
  let bytes = NaN;
  for (let generation = 0; generation < generations; generation++) {
    await withScratch(async (scratch) => {
      const children: [JournalSide, Child][] = [];
      for (const side of SIDES) {
        const folder = join(scratch, side);
        await mkdir(folder);
        const given = side === 'with' ? 'with' : 'without';
        const args = [given, folder];
        children.push([
          side,
          await Child.start('journal/writer.process.js', args, { execArgv: nodeFlags }),
        ]);
      }
      for (let round = -WARM_UP_ROUNDS; round < rounds; round++)
        for (const [side, child] of children) {
          const measured = await child.call<JournalRound>('write', RECORDS);
          if (round >= 0) sides[side].push(measured);
        }
      for (const [side, child] of children) {
        bytes = (await child.call<number | null>('bytes', WAITING)) ?? bytes;
        const expected = (WARM_UP_ROUNDS + rounds) * RECORDS + (side === 'with' ? WAITING : 0);
        const count = await child.call<number>('count');
        if (count !== expected) missing.push(`${side}: ${count} of ${expected} records`);
        await child.call('close');
        await child.stop();
      }
    });
    console.log(`journal: ${generation + 1} of ${generations}`);
  }
  return { sides, bytes, records: RECORDS, missing };
}
