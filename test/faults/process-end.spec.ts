import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../storages/sql/places.js';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';

const folder = temporaryFolder();
beforeAll(builtLibrary, BUILD_TIMEOUT_MS);
afterAll(() => folder.remove());

async function ended(by: string, database: string) {
  const fixture = fileURLToPath(new URL('./fixtures/ending.mjs', import.meta.url));
  const child = spawn(process.execPath, [fixture, JSON.stringify({ by, database })]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code: code as number, output };
}

describe('A process that ends without a shutdown', () => {
  it.each([
    ['exit', 3],
    ['exception', 1],
    ['rejection', 1],
  ])(
    'by %s stores what waits in the embedded SQLite, and counts what is lost',
    async (by, exit) => {
      const file = join(folder.path, `${by}.sqlite`);
      const { code, output } = await ended(by, file);
      expect(code, output).toBe(exit);
      const database = new Database(file, { readonly: true });
      const count = database.prepare('select count(*) as n from usage_records').get();
      const sums = database.prepare(
        "select sum(hits) as n from usage_summaries where period = 'hour' and dimension <> '_records'",
      );
      expect(count).toEqual({ n: 7 });
      expect(sums.get()).toEqual({ n: 7 });
      database.close();
      expect(output).toMatch(/'dead' drops 7 usage records: the process ends/);
      expect(output).not.toMatch(/'sqlite' loses/);
    },
  );
});
