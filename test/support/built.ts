import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const lock = join(root, 'node_modules/.build-of-specs');
const STALE_LOCK_MS = 10_000;
/** For the hook of a spec that builds. */
export const BUILD_TIMEOUT_MS = 180_000;

/**
 * Makes the library and the samples ready to run, as far as their sources have changed since that was
 * done: a process of its own runs what the build makes. `npm test` has done so already; a spec that is
 * run alone does it itself, once for all that need it at that time.
 */
export async function builtLibrary(): Promise<void> {
  while (!taken()) await delay(50);
  const alive = setInterval(() => utimesSync(lock, new Date(), new Date()), 1000);
  try {
    await promisify(execFile)(process.execPath, [join(root, 'scripts/build/ready.mjs')]);
  } finally {
    clearInterval(alive);
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Whether this process is the one that builds. The lock of one that was killed is taken over. */
function taken(): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const held = modified(lock);
    if (held > 0 && Date.now() - held > STALE_LOCK_MS)
      rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** 0 where there is nothing. */
function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
