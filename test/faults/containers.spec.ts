import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';
import { ChildApplication } from './child-application.js';
import { Load } from './load.js';

/** What a container has of its own and a journal could notice: process ids, name and mounts. */
const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--ipc', '--uts', '--kill-child'];
const TIMEOUT_MS = 120_000;

const isPermitted = (() => {
  try {
    execFileSync(CONTAINER[0]!, [...CONTAINER.slice(1), 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const directory = mkdtempSync(join(tmpdir(), 'track-usage-containers-'));
const running: ChildApplication[] = [];
beforeAll(builtLibrary, BUILD_TIMEOUT_MS);
afterEach(() => {
  for (const app of running.splice(0)) app.kill();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** An application in a container, where it is the first process. */
async function start(className: 'dead' | 'kept'): Promise<ChildApplication> {
  const delivery = { journal: { directory }, flushInterval: 20 };
  const app = await ChildApplication.start({ recipe: { className }, delivery, within: CONTAINER });
  running.push(app);
  return app;
}

describe.skipIf(!isPermitted)(
  'In containers that share a folder (skipped: this process may not make namespaces)',
  () => {
    it(
      'nobody takes what a living process has, and the next takes what a dead one has left, though all have one process id',
      async () => {
        const living = await start('dead');
        await new Load(living.url, 4).run(60);
        const other = await start('kept');
        expect([await living.pid(), await other.pid()]).toEqual([1, 1]);
        await new Load(other.url, 4).run(20);
        await vi.waitFor(async () => expect((await other.stats()).stored).toBe(20), {
          timeout: TIMEOUT_MS,
        });
        expect(await other.journal()).toMatchObject({ replayed: 0, segments: 0 });
        expect(await living.stats()).toMatchObject({ waiting: 60, stored: 0 });
        await living.end('SIGKILL');
        const next = await start('kept');
        expect(await next.pid()).toBe(1);
        await vi.waitFor(async () => expect((await next.stats()).stored).toBe(60), {
          timeout: TIMEOUT_MS,
        });
        expect(await next.journal()).toMatchObject({ replayed: 60, segments: 0, unreadable: 0 });
        expect((await other.stats()).stored).toBe(20);
        await next.end('close');
        await other.end('close');
      },
      TIMEOUT_MS,
    );
  },
);
