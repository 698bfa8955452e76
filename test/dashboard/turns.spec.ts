import { describe, expect, it } from 'vitest';
import { Turns } from '../../lib/dashboard/site/turns.js';

describe('Panels that could all be written at once', () => {
  it('are written one in a turn of the event loop, in their order', async () => {
    const turns = new Turns();
    let turn = 0;
    let isOver = false;
    const count = () => {
      turn++;
      if (!isOver) setImmediate(count);
    };
    count();
    const written: [panel: number, turn: number][] = [];
    await Promise.all(
      [1, 2, 3, 4].map((each) => turns.next().then(() => written.push([each, turn]))),
    );
    isOver = true;
    expect(written.map(([panel]) => panel)).toEqual([1, 2, 3, 4]);
    expect(new Set(written.map(([, at]) => at)).size).toBe(4);
  });
});
