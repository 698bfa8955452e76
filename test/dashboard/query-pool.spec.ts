import { describe, expect, it } from 'vitest';
import { QueryPool } from '../../lib/dashboard/data/query-pool.js';

/** A query that is ended by hand. */
function query() {
  const calls: {
    signal: AbortSignal;
    resolve: (value: string) => void;
    reject: (e: Error) => void;
  }[] = [];
  const ask = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      calls.push({ signal, resolve, reject });
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  return { calls, ask };
}

const viewer = () => new AbortController();
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('The queries of all viewers', () => {
  it('run a few at once, the others after them', async () => {
    const pool = new QueryPool(2);
    const { calls, ask } = query();
    const { signal } = viewer();
    const answers = ['a', 'b', 'c', 'd'].map((key) => pool.run(key, signal, ask));
    await turn();
    expect(calls).toHaveLength(2);
    calls[0]!.resolve('first');
    await turn();
    expect(calls).toHaveLength(3);
    calls[1]!.reject(new Error('broken'));
    await expect(answers[1]).rejects.toThrow('broken');
    await turn();
    expect(calls).toHaveLength(4);
    calls[2]!.resolve('third');
    calls[3]!.resolve('fourth');
    expect(await Promise.all([answers[0], answers[2], answers[3]])).toEqual([
      'first',
      'third',
      'fourth',
    ]);
  });

  it('that take long wait for the quick ones, and leave places for them', async () => {
    const pool = new QueryPool(4);
    const { calls, ask } = query();
    const { signal } = viewer();
    const long = ['a', 'b', 'c'].map((key) => pool.run(key, signal, ask, true));
    const quick = pool.run('quick', signal, ask);
    await turn();
    expect(calls).toHaveLength(1);
    calls[0]!.resolve('quick');
    expect(await quick).toBe('quick');
    await turn();
    expect(calls).toHaveLength(3);
    const later = pool.run('later', signal, ask);
    await turn();
    expect(calls).toHaveLength(4);
    calls[1]!.resolve('a');
    expect(await long[0]).toBe('a');
    await turn();
    expect(calls).toHaveLength(4);
    calls[3]!.resolve('later');
    await later;
    await turn();
    expect(calls).toHaveLength(5);
    calls[2]!.resolve('b');
    calls[4]!.resolve('c');
    expect(await Promise.all(long)).toEqual(['a', 'b', 'c']);
  });

  it('are shared where they are equal, and so is the answer for a while', async () => {
    const pool = new QueryPool(2);
    const { calls, ask } = query();
    const answers = [viewer(), viewer()].map(({ signal }) => pool.run('same', signal, ask));
    await turn();
    expect(calls).toHaveLength(1);
    calls[0]!.resolve('shared');
    expect(await Promise.all(answers)).toEqual(['shared', 'shared']);
    expect(await pool.run('same', viewer().signal, ask)).toBe('shared');
    expect(calls).toHaveLength(1);
  });

  it('are asked again after a failure', async () => {
    const pool = new QueryPool(2);
    const { calls, ask } = query();
    const first = pool.run('same', viewer().signal, ask);
    await turn();
    calls[0]!.reject(new Error('down'));
    await expect(first).rejects.toThrow('down');
    const second = pool.run('same', viewer().signal, ask);
    await turn();
    calls[1]!.resolve('up');
    expect(await second).toBe('up');
  });

  it('end with the last viewer, and only with the last', async () => {
    const pool = new QueryPool(2);
    const { calls, ask } = query();
    const [one, other] = [viewer(), viewer()];
    const first = pool.run('same', one.signal, ask);
    const second = pool.run('same', other.signal, ask);
    first.catch(() => undefined);
    second.catch(() => undefined);
    await turn();
    one.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(calls[0]!.signal.aborted).toBe(false);
    other.abort(new Error('gone too'));
    await expect(second).rejects.toThrow('gone too');
    expect(calls[0]!.signal.aborted).toBe(true);
    // Whoever comes now begins anew, and gets a free place.
    const third = pool.run('same', viewer().signal, ask);
    await turn();
    calls[1]!.resolve('anew');
    expect(await third).toBe('anew');
  });

  it('that wait for their turn do not begin once their viewer has gone', async () => {
    const pool = new QueryPool(1);
    const { calls, ask } = query();
    const running = pool.run('a', viewer().signal, ask);
    const gone = viewer();
    const waiting = pool.run('b', gone.signal, ask);
    const last = pool.run('c', viewer().signal, ask);
    await turn();
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    calls[0]!.resolve('a');
    await running;
    await turn();
    expect(calls).toHaveLength(2);
    calls[1]!.resolve('c');
    expect(await last).toBe('c');
  });
});
