import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadavg } from 'node:os';
import { environment, type Environment } from './environment.js';

/** A measurement as it is kept. */
export interface SavedResult<T = unknown> {
  readonly bench: string;
  readonly subject: string;
  readonly date: string;
  readonly environment: Environment;
  /** Of the machine, at the end. */
  readonly load: number;
  readonly result: T;
}

export async function saveResult(
  out: string,
  bench: string,
  subject: string,
  result: unknown,
): Promise<void> {
  const saved: SavedResult = {
    bench,
    subject,
    date: new Date().toISOString().slice(0, 16),
    environment: environment(),
    load: loadavg()[0]!,
    result,
  };
  const folder = join(out, 'results');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${bench}-${subject}.json`), rounded(saved));
}

/** Every measurement of the folder, the last one of each subject. */
export async function readResults(out: string): Promise<SavedResult[]> {
  const folder = join(out, 'results');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(
    files.map(
      async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as SavedResult,
    ),
  );
}

// Six digits are more than any of it is good for.
function rounded(value: unknown): string {
  const text = JSON.stringify(value, (_name, each: unknown) =>
    typeof each === 'number' && !Number.isInteger(each) ? Number(each.toPrecision(6)) : each,
  );
  return `${text}\n`;
}
