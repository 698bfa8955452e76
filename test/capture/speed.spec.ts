import { Controller, Get, Res } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrackUsage } from 'nestjs-track-usage';
import { requestText } from './support/http-text.js';
import { ADAPTERS } from './support/scenario.js';
import { Signals } from './support/signals.js';
import { TestApplication } from './support/test-application.js';

const BIG = 32 * 1024 * 1024;

@TrackUsage()
@Controller('slow')
class Slow {
  constructor(private readonly signals: Signals) {}

  @Get('writer') async writer(@Res() response: any) {
    const raw = response.raw ?? response;
    raw.write('first');
    await this.signals.wait('go on');
    raw.end('last');
  }
  @Get('handler') async handler() {
    this.signals.give('reached');
    await this.signals.wait('go on');
    return 'done';
  }
  @Get('reader') reader(@Res() response: any) {
    const raw = response.raw ?? response;
    raw.end(Buffer.alloc(BIG, 'x'));
    this.signals.give('ended');
  }
}

/** Lets more time pass than has passed since `since`, so that the two cannot be taken for one another. */
async function holdLongerThan(since: number): Promise<number> {
  const from = performance.now();
  const until = from + 2 * (from - since) + 5;
  while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
  return (performance.now() - from) * 1000;
}

describe.each(ADAPTERS)('The speed of a request on %s', (kind) => {
  let tracked: TestApplication;
  beforeAll(async () => {
    tracked = await TestApplication.start({ controllers: [Slow] }, kind, { mode: 'exclude' });
  });
  afterAll(() => tracked.close());

  async function ask(path: string) {
    tracked.signals.reset();
    const connection = await tracked.client().open();
    const sentAt = performance.now();
    connection.send(requestText(`GET /slow/${path}`));
    return { connection, sentAt };
  }

  async function speedSince(sentAt: number): Promise<number> {
    const [record, ...more] = await tracked.taken();
    expect(more).toEqual([]);
    expect(record!.speed).toBeLessThanOrEqual((performance.now() - sentAt) * 1000 + 1);
    expect(Number.isSafeInteger(record!.speed)).toBe(true);
    return record!.speed;
  }

  it('runs while the handler works', async () => {
    const { connection, sentAt } = await ask('handler');
    await tracked.signals.wait('reached');
    const held = await holdLongerThan(sentAt);
    tracked.signals.give('go on');
    await connection.toEnd();
    expect(await speedSince(sentAt)).toBeGreaterThanOrEqual(held);
  });

  it('runs until the last byte is written, not until the first', async () => {
    const { connection, sentAt } = await ask('writer');
    await connection.until('first');
    const held = await holdLongerThan(sentAt);
    tracked.signals.give('go on');
    await connection.toEnd();
    expect(await speedSince(sentAt)).toBeGreaterThanOrEqual(held);
  });

  it('runs until a slow reader has let the last byte be handed over', async () => {
    const { connection, sentAt } = await ask('reader');
    connection.socket.pause();
    await tracked.signals.wait('ended');
    const held = await holdLongerThan(sentAt);
    connection.socket.resume();
    await connection.toEnd();
    expect(await speedSince(sentAt)).toBeGreaterThanOrEqual(held);
  });

  it('runs until the client leaves', async () => {
    const { connection, sentAt } = await ask('writer');
    await connection.until('first');
    const held = await holdLongerThan(sentAt);
    await connection.leave();
    expect(await speedSince(sentAt)).toBeGreaterThanOrEqual(held);
  });
});
