import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type SqliteDatabase from 'better-sqlite3';
import { defaultExport } from '../../../support/optional-packages.js';
import { missingPackage } from '../../../support/optional-packages.js';

/**
 * Loads better-sqlite3.
 *
 * @throws {Error} if it is not installed, with the command that installs it, or if it fails to
 * load.
 */
export async function loadBetterSqlite3(owner: string): Promise<typeof SqliteDatabase> {
  return defaultExport(
    await import('better-sqlite3').catch(
      missingPackage(owner, 'better-sqlite3', 'Or use another storage.'),
    ),
  );
}

const AT_LEAST = /^>=\s*(\d+)/;

/**
 * Checks that better-sqlite3 supports this version of Node. better-sqlite3 13 can be installed and
 * loaded on Node 20, but ends the process without a message when it opens a file there.
 *
 * @param driver The default export of better-sqlite3.
 * @param running The version of Node that runs.
 * @throws {Error} if it needs a later version of Node, with a remedy.
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

/** Reads the package.json of a file's package; empty if it is not found. */
function packageOf(file: string | null): Package {
  for (let folder = dirname(file ?? '/'); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
      if (found.version !== undefined) return found;
    } catch {
      // The package.json is in a folder further up.
    }
  }
  return {};
}

const DRIVER = 'better-sqlite3';

/**
 * The file that this thread loaded better-sqlite3 from, so that another thread can load the same
 * one. It is found in Node's module cache, whatever a package manager or a bundler did. If another
 * loader than Node's loaded it, as in Jest, it is resolved from the working directory.
 *
 * @param driver The default export of better-sqlite3.
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
