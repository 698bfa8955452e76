import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';
import { ChildApplication } from './child-application.js';
import { Load } from './load.js';

const TIMEOUT_MS = 120_000;
const LIMIT_BYTES = 64 * 1024;

const directory = mkdtempSync(join(tmpdir(), 'track-usage-full-'));
let running: ChildApplication | undefined;
beforeAll(builtLibrary, BUILD_TIMEOUT_MS);
afterEach(() => running?.kill());
afterAll(() => rmSync(directory, { recursive: true, force: true }));

// A limit of the process on the size of a file: within a write, as a full disk or a quota comes.
describe.skipIf(process.platform === 'win32')('Where no file may become larger', () => {
  it(
    'the application goes on, and what its journal took is whole after a kill',
    async () => {
      const delivery = { journal: { directory }, flushInterval: 600_000 };
      const script = `ulimit -f ${LIMIT_BYTES / 1024}; exec "$@"`;
      running = await ChildApplication.start({
        recipe: { className: 'dead' },
        delivery,
        within: ['bash', '-c', script, 'bash'],
      });
      const load = new Load(running.url, 8);
      await load.run(600);
      expect(load.answered.size).toBe(600);
      await vi.waitFor(async () => expect((await running!.stats()).seen).toBe(600));
      expect(await running.stats()).toMatchObject({ waiting: 600, dropped: {} });
      const { memoryOnly, bytes } = await running.journal();
      expect(memoryOnly).toBeGreaterThan(0);
      expect(memoryOnly).toBeLessThan(600);
      await running.end('SIGKILL');
      const sizes = readdirSync(directory)
        .filter((name) => name.endsWith('.journal'))
        .map((name) => statSync(join(directory, name)).size);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(LIMIT_BYTES);
      running = await ChildApplication.start({ recipe: { className: 'kept' }, delivery });
      const written = 600 - memoryOnly;
      await vi.waitFor(async () => expect((await running!.stats()).stored).toBe(written), {
        timeout: TIMEOUT_MS,
      });
      expect(await running.journal()).toMatchObject({ replayed: written, unreadable: 0 });
      await running.end('close');
    },
    TIMEOUT_MS,
  );
});
