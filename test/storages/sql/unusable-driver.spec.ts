import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sqliteError } from '../../../lib/storages/sql/connection/failures.js';
import { checkNode } from '../../../lib/storages/sql/sqlite/load-better-sqlite3.js';
import { temporaryFolder } from './places.js';

const coded = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('A better-sqlite3 that cannot be used', () => {
  it.each([
    [
      'was built for another Node',
      coded(
        'ERR_DLOPEN_FAILED',
        "The module 'better_sqlite3.node' was compiled against a different Node.js version using\n" +
          'NODE_MODULE_VERSION 115. This version of Node.js requires NODE_MODULE_VERSION 127.',
      ),
      /built for another Node than v\d+.*npm rebuild better-sqlite3/,
    ],
    [
      'was built for another system',
      coded('ERR_DLOPEN_FAILED', 'better_sqlite3.node: invalid ELF header'),
      /invalid ELF header.*Build it on this machine.*npm rebuild better-sqlite3/,
    ],
    [
      'was installed without its binary',
      new Error('Could not locate the bindings file. Tried:\n → build/better_sqlite3.node'),
      /without its binary.*npm rebuild.*pnpm add --allow-build=better-sqlite3/,
    ],
    [
      'finds a full disk',
      coded('SQLITE_FULL', 'database or disk is full'),
      /could not open the database \(\/.*usage\.sqlite\): database or disk is full\. Make room/,
    ],
    [
      'finds no database',
      coded('SQLITE_NOTADB', 'file is not a database'),
      /not a database\. Give another path/,
    ],
    [
      'may not write',
      coded('EACCES', "EACCES: permission denied, mkdir '/data'"),
      /permission denied.*a folder that this process may write to/,
    ],
  ])('because it %s is an error that says what to do', (_, error, message) => {
    const told = sqliteError('SqliteStorage', 'usage.sqlite', error);
    expect(told.message).toMatch(/^SqliteStorage: /);
    expect(told.message).toMatch(message);
    expect(told.message).not.toMatch(/server|lets this user in/);
    expect(told.cause).toBe(error);
  });

  it('is refused where it would end the process of a Node that is too old for it', () => {
    const folder = temporaryFolder();
    try {
      mkdirSync(join(folder.path, 'lib'));
      const about = (node: string) =>
        writeFileSync(
          join(folder.path, 'package.json'),
          JSON.stringify({ version: '13.2.0', engines: { node } }),
        );
      writeFileSync(join(folder.path, 'lib/index.js'), 'module.exports = function Database() {};');
      const driver: unknown = createRequire(join(folder.path, 'x.js'))('./lib/index.js');
      about('>=22');
      expect(() => checkNode('SqliteStorage', driver, '20.20.2')).toThrow(
        'SqliteStorage: better-sqlite3 13.2.0 needs Node 22 or later, and Node 20.20.2 runs here. ' +
          'Install an earlier one: npm install better-sqlite3@12.',
      );
      checkNode('SqliteStorage', driver, '22.1.0');
      about('20.x || 22.x');
      checkNode('SqliteStorage', driver, '20.20.2');
    } finally {
      folder.remove();
    }
  });
});
