import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type SqliteDatabase from 'better-sqlite3';
import { defaultExport } from '../../../support/default-export.js';
import { missingPackage } from '../../../support/missing-package.js';

/** @throws {Error} if it is not installed: what to do. */
export async function loadBetterSqlite3(owner: string): Promise<typeof SqliteDatabase> {
  return defaultExport(
    await import('better-sqlite3').catch(
      missingPackage(owner, 'better-sqlite3', 'Or use another storage.'),
    ),
  );
}

const AT_LEAST = /^>=\s*(\d+)/;

/**
 * better-sqlite3 13 can be installed and loaded on Node 20, and ends the process without a word
 * when it opens a file there: so it is asked which Node it wants before.
 *
 * @param driver What importing better-sqlite3 gave.
 * @param running The version of Node that runs here.
 * @throws {Error} if it wants a later one: what to do.
 */
export function checkNode(owner: string, driver: unknown, running = process.versions.node): void {
  const { version, engines } = packageOf(driverFile(driver));
  const wanted = Number(AT_LEAST.exec(engines?.node ?? '')?.[1] ?? 0);
  if (Number.parseInt(running, 10) >= wanted) return;
  throw new Error(
    `${owner}: better-sqlite3 ${version} needs Node ${wanted} or later, and Node ${running} runs ` +
      'here. Install an earlier one: npm install better-sqlite3@12.',
  );
}

interface Package {
  readonly version?: string;
  readonly engines?: { readonly node?: string };
}

/** What the package that a file is in says of itself: nothing if it is not found. */
function packageOf(file: string | null): Package {
  for (let folder = dirname(file ?? '/'); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
      if (found.version !== undefined) return found;
    } catch {
      // It is in a folder further up.
    }
  }
  return {};
}

const DRIVER = 'better-sqlite3';

/**
 * The file of better-sqlite3 that this thread has loaded, for another thread to load the same: it
 * is found in the cache, wherever a package manager or a bundle took it from. Where another loader
 * than Node's has it, as in Jest, it is looked for from the working directory on.
 *
 * @param driver What importing better-sqlite3 gave.
 * @returns null if there is no such file.
 */
export function driverFile(driver: unknown): string | null {
  const require = createRequire(join(process.cwd(), 'package.json'));
  const loaded = Object.entries(require.cache).find(([, module]) => module?.exports === driver);
  if (loaded) return loaded[0];
  try {
    return require.resolve(DRIVER);
  } catch {
    return null;
  }
}
