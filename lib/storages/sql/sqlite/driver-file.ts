import { createRequire } from 'node:module';
import { join } from 'node:path';

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
