import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';
import { ChildApplication } from './child-application.js';
import { Load } from './load.js';

const MEBIBYTE = 1024 * 1024;
const REQUESTS = 10_000;
const MAX_PENDING = 1000;

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

describe('a dead storage and a queue of 1,000', () => {
  let application: ChildApplication | undefined;
  afterEach(() => application?.kill());

  it(
    'give up 9,000 records of 10,000 requests, to the record, and no memory',
    { timeout: 120_000 },
    async () => {
      application = await ChildApplication.start({
        recipe: { className: 'dead' },
        delivery: {
          maxPending: MAX_PENDING,
          batchSize: 100,
          flushInterval: 100,
          shutdownTimeout: 500,
        },
      });
      const { url } = application;
      const run = async (requests: number, expected: number) => {
        const load = new Load(url);
        await load.run(requests);
        expect(load.answered.size).toBe(requests);
        const child = application!;
        await vi.waitUntil(async () => (await child.stats()).seen === expected, {
          timeout: 10_000,
        });
        return child.heap();
      };
      // The queue is full, and all that is made once is made.
      const before = await run(2 * MAX_PENDING, 2 * MAX_PENDING);
      const after = await run(REQUESTS - 2 * MAX_PENDING, REQUESTS);
      expect(await application.stats()).toMatchObject({
        seen: REQUESTS,
        stored: 0,
        waiting: MAX_PENDING,
        dropped: { overflow: REQUESTS - MAX_PENDING },
      });
      expect(after - before).toBeLessThan(4 * MEBIBYTE);
      const { signal, errors } = await application.end('SIGTERM');
      expect({ signal, errors }).toEqual({ signal: 'SIGTERM', errors: '' });
    },
  );
});
