import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The command as it was run. */
export interface RunImport {
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** Resident memory in MB, every 100 ms; none where the system does not tell. */
  readonly residents: number[];
}

const PROGRAM = fileURLToPath(import.meta.resolve('nestjs-track-usage/package.json'));
const BIN = PROGRAM.replace('package.json', 'dist/command/bin.js');
const EVERY_MS = 100;
const PAGE_MB = 4096 / 1e6;

/** Imports a log into an SQLite file by the command. */
export async function runImport(log: string, storage: string): Promise<RunImport> {
  const residents: number[] = [];
  const began = performance.now();
  const child = spawn(process.execPath, [BIN, 'import', log, '--storage', storage], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const watch = setInterval(() => {
    const resident = residentOf(child.pid!);
    if (resident !== null) residents.push(resident);
  }, EVERY_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watch);
  if (code !== 0) throw new Error(`the import of ${log} ended with ${code}.`);
  return { seconds, residents };
}

function residentOf(pid: number): number | null {
  try {
    const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    return Number(pages) * PAGE_MB;
  } catch {
    return null;
  }
}
