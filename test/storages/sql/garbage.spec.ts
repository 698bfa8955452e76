import { join } from 'node:path';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sumBasic, SqliteStorage, type UsageStorage } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { opening } from '../../../lib/testing/contract/opening.js';
import { temporaryFolder } from './places.js';

setFlagsFromString('--expose-gc');
// Else the records that this file makes would be in the old generation from the start.
setFlagsFromString('--no-allocation-site-pretenuring');
const collectGarbage = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

const BATCHES = 60;
const RECORDS = 500;

const folder = temporaryFolder();
afterAll(() => folder.remove());

const subject = {
  shared: true,
  create: (place: string, options: object) =>
    new SqliteStorage({ ...options, database: join(folder.path, `${place}.sqlite`) }),
};

describe('A batch that is stored', () => {
  const open = opening({ describe, it, afterEach }, subject);

  it('is garbage of the young generation, which a minor collection frees', async () => {
    const storage = await open({ hooks: [sumBasic] });
    // Its first batches leave what the compiler makes of the code.
    for (let batch = 0; batch < BATCHES; batch++) await storeOne(storage);
    collectGarbage();
    const before = oldGeneration();
    for (let batch = 0; batch < BATCHES; batch++) await storeOne(storage);
    const left = (oldGeneration() - before) / (BATCHES * RECORDS);
    // A record takes about 900 bytes.
    expect(left).toBeLessThan(100);
  });
});

/** Stores a batch. One minor collection comes while it is on its way, two when it is stored. */
async function storeOne(storage: UsageStorage): Promise<void> {
  const stored = begin(storage);
  collectGarbage({ type: 'minor' });
  await stored;
  // What the last turn ran in may still be on the stack.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage({ type: 'minor' });
  collectGarbage({ type: 'minor' });
}

// An async function keeps what it has passed on while it waits.
function begin(storage: UsageStorage): Promise<void> {
  return storage.store(makeRecords(RECORDS));
}

/** Bytes of the old generation, with what is garbage there. */
function oldGeneration(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => name === 'old_space' || name === 'large_object_space')
    .reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);
}
