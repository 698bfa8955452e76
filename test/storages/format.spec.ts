import { describe, expect, it } from 'vitest';
import {
  checkFormat,
  FORMAT,
  OLDEST_FORMAT,
  settleFormat,
} from '../../lib/storages/base/format.js';
import { MemoryValues } from '../../lib/storages/memory/named-values.js';

const NAMES = ['format', 'oldest'];

describe('The format of what is stored', () => {
  it('is noted, with the oldest one whose code may still write there', async () => {
    const values = new MemoryValues();
    await settleFormat(values, 'a place');
    expect(await values.read('format', NAMES)).toEqual(
      new Map([
        ['format', String(FORMAT)],
        ['oldest', String(OLDEST_FORMAT)],
      ]),
    );
  });

  it('of a newer version stays noted where this one may write beside it', async () => {
    const values = new MemoryValues();
    await values.write(
      'format',
      new Map([
        ['format', '9'],
        ['oldest', String(FORMAT)],
      ]),
    );
    await settleFormat(values, 'a place');
    expect(await values.read('format', NAMES)).toEqual(
      new Map([
        ['format', '9'],
        ['oldest', String(FORMAT)],
      ]),
    );
  });

  it('of a newer version that this one may not write beside is refused, and stays', async () => {
    const values = new MemoryValues();
    const noted = new Map([
      ['format', '9'],
      ['oldest', String(FORMAT + 1)],
    ]);
    await values.write('format', noted);
    await expect(settleFormat(values, 'RedisStorage: what is at here')).rejects.toThrow(
      /^RedisStorage: what is at here was written by a newer version .* format 3 or newer.*format 2\. Install/,
    );
    expect(await values.read('format', NAMES)).toEqual(noted);
  });

  it('refuses nothing that is not noted', () => {
    expect(() => checkFormat(0, 'a place')).not.toThrow();
  });
});
