import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';
import { temporaryFolder } from './sql/places.js';

const CONSUMERS = 100_000;
const MAX_KEYS = 2000;
const TIMEOUT = 300_000;
const fixture = fileURLToPath(new URL('./fixtures/many-consumers.mjs', import.meta.url));
const folder = temporaryFolder();

interface Counts {
  readonly hits: number;
  readonly transfer: number;
  readonly errors: number;
  readonly micros: number;
}

interface Told {
  readonly heap: { readonly empty: number; readonly full: number; readonly end: number };
  readonly sent: Counts;
  readonly sums: Record<string, Record<string, { rows: number; others: number; total: Counts }>>;
}

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);
afterAll(() => folder.remove());

describe('A hundred thousand consumers in one day', () => {
  it.each([
    ['in memory', null],
    ['in SQLite', join(folder.path, 'consumers.sqlite')],
  ])('keep memory bounded and totals exact, %s', { timeout: TIMEOUT }, async (_, database) => {
    const settings = JSON.stringify({ consumers: CONSUMERS, maxKeys: MAX_KEYS, database });
    const args = ['--expose-gc', fixture, settings];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { heap, sent, sums } = JSON.parse(stdout) as Told;
    expect(sent.hits).toBe(2 * CONSUMERS);
    for (const dimension of ['consumer', 'consumer:route'])
      for (const period of ['day', 'month'])
        expect(sums[dimension]![period], `${dimension} ${period}`).toEqual({
          rows: MAX_KEYS,
          others: 1,
          total: sent,
        });
    // The first fifth has ten times as many consumers as a bucket keeps. Four times as many after
    // them need no more than a tenth of what these have needed, and some slack for the engine.
    const slack = 2_000_000;
    expect(heap.end - heap.full).toBeLessThan((heap.full - heap.empty) / 10 + slack);
  });
});
