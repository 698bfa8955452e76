import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  checkModuleOptions,
  type TrackUsageModuleOptions,
} from '../../module/track-usage.options.js';
import { CommandUsageError } from '../usage-error.js';

/**
 * Loads a module whose default export is what `forRoot()` gets, or a function that returns it.
 *
 * @throws {CommandUsageError} if the file cannot be loaded, or has no such export.
 * @throws {TrackUsageOptionsError} if an option does not fit.
 */
export async function loadOptions(file: string, cwd: string): Promise<TrackUsageModuleOptions> {
  const path = resolve(cwd, file);
  let loaded: { default?: unknown };
  try {
    loaded = (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (error) {
    throw new CommandUsageError(
      `--options: ${path} could not be loaded: ${(error as Error).message}. Give a module that ` +
        'Node.js can import, such as a .mjs file.',
      { cause: error },
    );
  }
  const given = await resolved(loaded.default);
  if (typeof given !== 'object' || given === null)
    throw new CommandUsageError(
      `--options: expected a default export with the options of forRoot() in ${path}, but got ` +
        `${given === undefined ? 'none' : typeof given}.`,
    );
  return checkModuleOptions(given);
}

/** A module that a compiler has made of CommonJS has its default export one level deeper. */
async function resolved(given: unknown): Promise<unknown> {
  if (typeof given === 'function') return resolved(await (given as () => unknown)());
  if (typeof given !== 'object' || given === null || !('__esModule' in given)) return given;
  return resolved((given as { default?: unknown }).default);
}
