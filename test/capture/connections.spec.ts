import { Controller, Get, Param } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrackUsage, TrackVar, type TrackVars } from 'nestjs-track-usage';
import { expectSameBytes } from './support/expect-same-bytes.js';
import { requestText } from './support/http-text.js';
import { ADAPTERS, MODES, type CapturedRequest } from './support/scenario.js';
import { Signals } from './support/signals.js';
import { TestApplication } from './support/test-application.js';

@TrackUsage()
@Controller('items')
class Items {
  constructor(private readonly signals: Signals) {}

  @Get('held') async held() {
    this.signals.give('held');
    await this.signals.wait('let go');
    return 'at last';
  }
  @Get(':id') one(@Param('id') id: string, @TrackVar() vars: TrackVars) {
    vars.id = id;
    this.signals.give(`item ${id}`);
    return 'x'.repeat(Number(id));
  }
}

const get = (path: string) => requestText(`GET ${path}`, { connection: 'keep-alive' });

describe.each(ADAPTERS)('Connections to %s', (kind) => {
  let twin: TestApplication;
  beforeAll(async () => {
    twin = await TestApplication.start({ controllers: [Items] }, kind, null);
  });
  afterAll(() => twin.close());

  describe.each(MODES)('in the %s mode', (mode) => {
    let tracked: TestApplication;
    beforeAll(async () => {
      tracked = await TestApplication.start({ controllers: [Items] }, kind, { mode });
    });
    afterAll(() => tracked.close());

    function expectEachOnce(records: CapturedRequest[], count: number): void {
      expect(records).toHaveLength(count);
      const ids = records.map(({ id }) => id);
      expect(new Set(ids).size).toBe(count);
      expect(ids).toEqual([...ids].sort());
      records.forEach((record, n) => {
        expect(record).toMatchObject({
          url: `http://shop.example/items/${n}`,
          route: '/items/:id',
          viewArgs: { id: String(n) },
          trackVar: { id: String(n) },
          contentLength: n,
          status: 200,
          outcome: 'completed',
        });
      });
    }

    it('1,000 requests on one socket are 1,000 records, none mixed up', async () => {
      const answers: Buffer[] = [];
      for (const application of [tracked, twin]) {
        application.signals.reset();
        const connection = await application.client().open();
        for (let n = 0; n < 1000; n++) {
          connection.send(get(`/items/${n}`));
          await connection.until('HTTP/1.1 200 OK', n + 1);
          await application.signals.wait(`item ${n}`);
        }
        await connection.until('x'.repeat(999));
        answers.push(await connection.leave());
      }
      expectEachOnce(await tracked.taken(), 1000);
      expectSameBytes(answers[0]!, answers[1]!);
    });

    it('pipelined requests are a record each, and answered as without tracking', async () => {
      const answers: Buffer[] = [];
      for (const application of [tracked, twin]) {
        const connection = await application.client().open();
        const requests = Array.from({ length: 50 }, (_, n) => get(`/items/${n}`));
        connection.send(Buffer.concat(requests));
        await connection.until('HTTP/1.1 200 OK', 50);
        await connection.until('x'.repeat(49));
        answers.push(await connection.leave());
      }
      expectEachOnce(await tracked.taken(), 50);
      expectSameBytes(answers[0]!, answers[1]!);
    });

    it('pipelined requests whose turn never comes are aborted with it', async () => {
      tracked.signals.reset();
      const connection = await tracked.client().open();
      connection.send(Buffer.concat([get('/items/held'), get('/items/7'), get('/items/8')]));
      await tracked.signals.wait('held');
      await tracked.signals.wait('item 8');
      await connection.leave();
      const records = await tracked.taken();
      expect(
        records
          .map(({ url, status, outcome, contentLength }) => [url, status, outcome, contentLength])
          .sort(),
      ).toEqual([
        ['http://shop.example/items/7', 499, 'aborted', 0],
        ['http://shop.example/items/8', 499, 'aborted', 0],
        ['http://shop.example/items/held', 499, 'aborted', 0],
      ]);
      tracked.signals.give('let go');
    });

    it('what Node itself refuses reaches no application and is not recorded', async () => {
      for (const bad of [
        'NOT HTTP\r\n\r\n',
        `GET / HTTP/1.1\r\nhost: x\r\nbig: ${'x'.repeat(20_000)}\r\n\r\n`,
      ]) {
        const answer = await tracked.client().exchange(bad);
        expect(answer.toString()).toMatch(/^HTTP\/1\.1 4(00|31) /);
        expectSameBytes(answer, await twin.client().exchange(bad));
      }
      expect(await tracked.taken()).toEqual([]);
    });
  });
});
