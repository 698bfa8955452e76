import { driverFile } from '../sqlite/load-better-sqlite3.js';
import { workerScript } from './worker-script.js';

/** What an SQLite thread needs to start. */
export interface ThreadScript {
  /** The code that the thread runs. */
  readonly text: string;
  /** The file that the thread loads better-sqlite3 from. */
  readonly driver: string;
}

/**
 * Finds the thread's script and the driver that it loads.
 *
 * @param driver The default export of better-sqlite3.
 * @throws {Error} if no thread can be started, with the reason and a remedy.
 */
export function threadScript(driver: unknown): ThreadScript {
  if (workerScript === null)
    throw new Error('its script is missing. Use the built package, not its sources.');
  const file = driverFile(driver);
  if (file === null)
    throw new Error(
      'the files of better-sqlite3 are not found. A bundler must leave that package out of the ' +
        'bundle, and it must be installed where the bundle runs.',
    );
  return { text: workerScript, driver: file };
}
