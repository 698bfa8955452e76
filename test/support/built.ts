import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const lock = join(root, 'node_modules/.build-of-specs');
const STALE_LOCK_MS = 10_000;
/** For the hook of a spec that builds. */
export const BUILD_TIMEOUT_MS = 180_000;

interface Build {
  readonly script: string;
  readonly sources: readonly string[];
  /** What the build writes last. */
  readonly result: string;
}

const LIBRARY: Build = {
  script: 'build',
  sources: ['lib', 'scripts/build', 'tsconfig.json', 'nest-cli.json'],
  result: 'dist/storages/sql/threads/worker-script.js',
};
const SAMPLES: Build = {
  script: 'build:samples',
  sources: ['sample'],
  result: 'sample/dist/01-quick-start/main.js',
};

/**
 * Builds the library unless that has been done since its sources changed: a process of its own runs
 * what the build makes. `npm test` has built it already; a spec that is run alone builds it itself,
 * once for all that need it at that time.
 */
export function builtLibrary(): Promise<void> {
  return built(LIBRARY);
}

/** The same of the library and the samples. */
export async function builtSamples(): Promise<void> {
  await built(LIBRARY);
  await built(SAMPLES);
}

// Under the lock all the time: in the middle of a build its result may be there already.
async function built(build: Build): Promise<void> {
  while (!taken()) await delay(50);
  const alive = setInterval(() => utimesSync(lock, new Date(), new Date()), 1000);
  try {
    if (!isFresh(build)) await promisify(execFile)('npm', ['run', build.script], { cwd: root });
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

function isFresh({ sources, result }: Build): boolean {
  const made = modified(join(root, result));
  return sources.every((source) => newest(join(root, source)) < made);
}

/** Of a folder, with what was added or taken away, but not with what a build puts into it. */
function newest(path: string): number {
  let latest = modified(path);
  if (!statSync(path).isDirectory()) return latest;
  if (path === join(root, 'sample')) latest = 0;
  for (const { name } of readdirSync(path, { withFileTypes: true }))
    if (name !== 'dist' && name !== 'node_modules')
      latest = Math.max(latest, newest(join(path, name)));
  return latest;
}

/** 0 where there is nothing. */
function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
