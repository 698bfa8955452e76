import { driverFile } from '../sqlite/load-better-sqlite3.js';
import { workerScript } from './worker-script.js';

/** What a thread that works on SQLite needs to start. */
export interface ThreadScript {
  /** What it runs. */
  readonly text: string;
  /** The file that it loads the driver from. */
  readonly driver: string;
}

/**
 * @param driver What importing better-sqlite3 gave.
 * @throws {Error} if there can be no thread: why, and what to do.
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
