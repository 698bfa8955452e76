import { resolve } from 'node:path';
import { reason } from './open-error.js';

const OTHER_NODE = /NODE_MODULE_VERSION|different Node\.js version|was compiled against/;
const NO_BINARY = /Could not locate the bindings file/;

/** What is said where an SQLite file cannot be opened. */
export function sqliteError(owner: string, file: string, error: unknown): Error {
  const { code } = error as { code?: unknown };
  const told = reason(error);
  if (OTHER_NODE.test(told))
    return made(
      `the binary of better-sqlite3 was built for another Node than ${process.version}, which ` +
        'runs here. Build it for this one: npm rebuild better-sqlite3.',
    );
  if (NO_BINARY.test(told))
    return made(
      'better-sqlite3 is installed without its binary, as package managers leave it that run no ' +
        'install scripts. Get it: npm rebuild better-sqlite3, or with pnpm: ' +
        'pnpm add --allow-build=better-sqlite3 better-sqlite3.',
    );
  if (code === 'ERR_DLOPEN_FAILED')
    return made(
      `the binary of better-sqlite3 cannot be loaded (${told}). Build it on this machine, for ` +
        `${process.platform} ${process.arch} and Node ${process.version}: ` +
        'npm rebuild better-sqlite3.',
    );
  const shown = file === ':memory:' ? file : resolve(file);
  return made(`could not open the database (${shown}): ${told}. ${advice(code)}`);

  function made(message: string): Error {
    return new Error(`${owner}: ${message}`, { cause: error });
  }
}

function advice(code: unknown): string {
  switch (code) {
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return 'Give another path as database, or move that file away: a new one is made.';
    case 'SQLITE_FULL':
    case 'ENOSPC':
      return 'Make room on that disk, or give another path as database.';
    default:
      return (
        'Give as database a path to a file in a folder that this process may write to, on a disk ' +
        'of this machine.'
      );
  }
}
