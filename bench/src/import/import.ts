import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Child } from '../processes/child.js';
import { withScratch } from '../scratch.js';
import type { Settings } from '../settings.js';
import { writeAccessLog } from './access-log.js';
import { runImport } from './run-import.js';
import type { Stored } from './store.process.js';

/** One log, imported by the command, and its records stored by `store()` alone. */
export interface ImportRound {
  readonly importedPerSecond: number;
  readonly storedPerSecond: number;
}

/** Resident memory of the command, as it goes on. */
export interface ImportMemory {
  readonly lines: number;
  /** MB: the median of each tenth of the time. */
  readonly tenths: readonly number[];
}

export interface ImportResult {
  readonly lines: number;
  readonly rounds: readonly ImportRound[];
  readonly memory: ImportMemory;
}

/** Long enough that the start of a process, which counts as well, is a small part. */
const LINES = 500_000;
const WARM_UP_ROUNDS = 1;

/** Imports access logs into the embedded SQLite, with the sums that it keeps by default. */
export async function measureImport({ rounds, sizes }: Settings): Promise<ImportResult> {
  return withScratch(async (scratch) => {
    const measured: ImportRound[] = [];
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      const pair = await measureRound(scratch, round + WARM_UP_ROUNDS);
      if (round < 0) continue;
      measured.push(pair);
      const { importedPerSecond, storedPerSecond } = pair;
      console.log(
        `import: ${importedPerSecond.toFixed(0)} of ${storedPerSecond.toFixed(0)} a second, ` +
          (importedPerSecond / storedPerSecond).toFixed(2),
      );
    }
    return {
      lines: LINES,
      rounds: measured,
      memory: await measureMemory(scratch, Math.max(...sizes)),
    };
  });
}

async function measureRound(scratch: string, round: number): Promise<ImportRound> {
  const [log, imported, stored] = ['access.log', 'imported.sqlite', 'stored.sqlite'].map((name) =>
    join(scratch, `${round}-${name}`),
  ) as [string, string, string];
  await writeAccessLog(log, round * LINES, LINES);
  const { seconds } = await runImport(log, imported);
  const child = await Child.start('import/store.process.js', [imported, stored]);
  const alone = await child.call<Stored>('store');
  await child.stop();
  if (alone.records !== LINES)
    throw new Error(`expected ${LINES} records of the import, but got ${alone.records}.`);
  for (const file of [log, imported, stored]) await rm(file);
  return { importedPerSecond: LINES / seconds, storedPerSecond: LINES / alone.seconds };
}

async function measureMemory(scratch: string, lines: number): Promise<ImportMemory> {
  const log = join(scratch, 'large.log');
  await writeAccessLog(log, 0, lines);
  const { residents } = await runImport(log, join(scratch, 'large.sqlite'));
  const tenths = Array.from({ length: 10 }, (_, tenth) => {
    const part = residents.slice(
      Math.floor((tenth * residents.length) / 10),
      Math.floor(((tenth + 1) * residents.length) / 10),
    );
    return part.sort((one, other) => one - other)[Math.floor(part.length / 2)] ?? NaN;
  });
  console.log(`import: ${lines} lines, MB by tenths: ${tenths.map(Math.round).join(' ')}`);
  return { lines, tenths };
}
