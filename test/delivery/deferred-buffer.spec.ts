import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeferredBuffer } from '../../lib/delivery/index.js';

const WAIT_MS = 2;

let clock = 0;

/** Takes time, by a clock of its own: a busy machine may stop this process at any point. */
function work(ms: number): void {
  clock += ms;
}

beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => clock));
afterEach(() => void vi.restoreAllMocks());

describe('What is taken in a turn of the event loop', () => {
  it('is processed after it, however long it takes', async () => {
    const processed: number[] = [];
    const buffer = new DeferredBuffer((item: number) => processed.push(item));
    buffer.add(1);
    work(3 * WAIT_MS);
    buffer.add(2);
    expect(processed).toEqual([]);
    await turn();
    expect(processed).toEqual([1, 2]);
  });

  it('waits no longer than a limit while more is taken, or processed', async () => {
    const log: (number | 'written')[] = [];
    const buffer = new DeferredBuffer(
      (item: number) => {
        log.push(item);
        if (item > 2) work(3 * WAIT_MS);
      },
      { waitMs: WAIT_MS, written: () => log.push('written') },
    );
    buffer.add(1);
    work(3 * WAIT_MS);
    expect(log).toEqual([]);
    buffer.add(2);
    expect(log.filter((entry) => entry !== 'written')).toEqual([1, 2]);
    log.length = 0;
    buffer.add(3);
    buffer.add(4);
    await turn();
    expect(log).toEqual([3, 'written', 4, 'written']);
    buffer.add(1);
    await turn();
    expect(log).toHaveLength(5);
  });
});
