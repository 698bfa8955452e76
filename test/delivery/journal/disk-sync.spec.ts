import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  drained,
  journalFolder,
  segmentsIn,
  startJournaled,
  SwitchedStorage,
} from './journaled.js';

const folder = journalFolder();
afterAll(() => folder.remove());

const real = { fdatasync: fs.fdatasync, fdatasyncSync: fs.fdatasyncSync };
/** Sizes of the files when they were synchronised: in a thread, and by the event loop. */
let inThread: number[];
let inLoop: number[];
/** What the disk says next. */
let failure: Error | null;

beforeEach(() => {
  inThread = [];
  inLoop = [];
  failure = null;
  const watched = {
    fdatasync: (fd: number, done: (error: Error | null) => void) => {
      const { size } = fs.fstatSync(fd);
      const failed = failure;
      failure = null;
      real.fdatasync(fd, (error) => {
        inThread.push(size);
        done(failed ?? error);
      });
    },
    fdatasyncSync: (fd: number) => {
      inLoop.push(fs.fstatSync(fd).size);
      real.fdatasyncSync(fd);
    },
  };
  Object.assign(fs, watched);
  syncBuiltinESMExports();
});
afterEach(() => {
  Object.assign(fs, real);
  syncBuiltinESMExports();
});

async function startDown(sync: 'never' | 'interval' | 'always') {
  const directory = folder.next();
  const storage = new SwitchedStorage();
  storage.isDown = true;
  const { delivery, logger } = await startJournaled(directory, [storage], { sync });
  const record = async () => {
    delivery.record(makeRecord(), null);
    await turn();
    return fs.statSync(segmentsIn(directory).at(-1)!).size;
  };
  const end = async () => {
    storage.isDown = false;
    await delivery.flush(20_000);
    await drained(delivery);
    await delivery.shutdown();
  };
  return { record, end, delivery, logger };
}

describe('The journal is synchronised with the disk', () => {
  it("never with 'never', not at the end either", async () => {
    const { record, delivery } = await startDown('never');
    await record();
    await delivery.shutdown();
    expect([inThread, inLoop]).toEqual([[], []]);
  });

  it("after each write with 'always', in a thread", async () => {
    const { record, end } = await startDown('always');
    for (let at = 0; at < 3; at++) {
      const size = await record();
      await vi.waitFor(() => expect(inThread).toContain(size), { timeout: 20_000, interval: 1 });
    }
    expect(inLoop).toEqual([]);
    await end();
  });

  it("each second with 'interval', whatever was written, in a thread", async () => {
    const { record, end } = await startDown('interval');
    let size = 0;
    const sizes = new Set<number>();
    for (let at = 0; at < 50; at++) sizes.add((size = await record()));
    await vi.waitFor(() => expect(inThread).toContain(size), { timeout: 20_000 });
    expect(sizes.size).toBe(50);
    expect(inThread.length).toBeLessThan(10);
    expect(inLoop).toEqual([]);
    await end();
  });

  it('when the process goes, with all that stays', async () => {
    const { record, delivery } = await startDown('interval');
    const size = await record();
    await delivery.shutdown();
    expect(inLoop).toHaveLength(1);
    expect(inLoop[0]).toBeGreaterThanOrEqual(size);
  });

  it('and the log says it if the disk fails', async () => {
    const { record, end, logger } = await startDown('always');
    failure = new Error('EIO: i/o error, fdatasync');
    await record();
    await vi.waitFor(
      () => expect(logger.errors).toEqual([expect.stringMatching(/cannot be synchronised.*EIO/)]),
      {
        timeout: 20_000,
      },
    );
    await end();
  });
});
