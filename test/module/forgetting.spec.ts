import { PassThrough } from 'node:stream';
import { Controller, Get, Query, Req } from '@nestjs/common';
import {
  MemoryStorage,
  OutputWriter,
  sumVisitors,
  TrackUsage,
  type UsageRecord,
  type UsageService,
  type UsageStorage,
  type UsageSubject,
} from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { appsOn, onPlatforms, type StartApp } from '../support/applications.js';
import { platforms } from '../support/platforms.js';

@TrackUsage()
@Controller()
class PagesController {
  @Get('page')
  page(@Query('user') user: string, @Req() request: { user?: unknown }) {
    request.user = { username: user };
    return 'page';
  }
}

const never = new Error('refused');

async function withApp(
  start: StartApp,
  storages: UsageStorage[],
  use: (usage: UsageService, visit: (user: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const app = await start({
    track: {
      cookie: true,
      // Nothing is stored unless somebody asks for it.
      flushInterval: 3_600_000,
      shutdownTimeout: 300,
      username: (request) =>
        String((request.user as { username?: string } | undefined)?.username ?? ''),
      storages,
    },
    controllers: [PagesController],
  });
  await use(app.usage, async (user) => {
    await app.fetch(`/page?user=${user}`);
  });
}

async function all(records: AsyncIterable<UsageRecord>): Promise<UsageRecord[]> {
  const found: UsageRecord[] = [];
  for await (const record of records) found.push(record);
  return found;
}

onPlatforms('one subject on $name', (start) => {
  it('is exported, and forgotten by every storage, what waits included', async () => {
    const first = new MemoryStorage({ hooks: [sumVisitors] });
    const second = new MemoryStorage({ name: 'second' });
    const lines: string[] = [];
    const output = new PassThrough();
    output.on('data', (line) => lines.push(String(line)));
    const writer = new OutputWriter({ output });
    await withApp(start, [first, second, writer], async (usage, visit) => {
      for (const user of ['ada', 'bob', 'ada', 'eve']) await visit(user);
      expect(await usage.forget({ username: 'ada' })).toEqual({ memory: 2, second: 2 });
      const names = (await usage.getUsage()).map(({ username }) => username);
      expect(names).toEqual(['eve', 'bob']);
      expect(await usage.verifySummaries()).toEqual([]);
      expect(lines.join('').trim().split('\n')).toHaveLength(4);

      const [eve] = await usage.getUsage({ limit: 1 });
      const visitorId = eve!.visitorId!;
      expect(await all(usage.export({ visitorId }))).toEqual([eve]);
      expect(await all(usage.from('second').export({ username: 'bob' }))).toHaveLength(1);
      expect(await usage.from('second').forget({ visitorId })).toEqual({ second: 1 });
      expect(await usage.countUsage()).toBe(2);
      expect(await usage.forget({ visitorId })).toEqual({ memory: 1, second: 0 });
      expect(await all(usage.export({ visitorId }))).toEqual([]);
      const { hour } = await usage.getSum('visitor');
      expect(hour.map(({ hits }) => hits)).toEqual([1]);
      expect(hour[0]!.key).not.toBe(visitorId);
    });
  });
});

describe('forgetting', () => {
  const start = appsOn(platforms[0]!);

  it('does what it can where a storage is down, and says what is left', async () => {
    const down: UsageStorage = {
      name: 'down',
      store: () => Promise.reject(never),
      forget: () => Promise.reject(never),
    };
    await withApp(start, [new MemoryStorage(), down], async (usage, visit) => {
      await visit('ada');
      const error = await usage.forget({ username: 'ada' }).catch((each: unknown) => each);
      expect(error).toBeInstanceOf(AggregateError);
      expect(error).toMatchObject({
        message: expect.stringMatching(/not all is forgotten\. Storage 'down': refused.*again/),
      });
      expect(await usage.countUsage()).toBe(0);
    });
  });

  it('names the storages where none of them can', async () => {
    const storage = { name: 'mine', store: async () => {} };
    await withApp(start, [storage], async (usage) => {
      await expect(usage.forget({ username: 'ada' })).rejects.toThrow(/no storage can.*'mine'/);
      await expect(usage.from('mine').forget({ username: 'ada' })).rejects.toThrow(
        /does not support forget\(\)/,
      );
    });
  });

  it.each<[unknown, string]>([
    [undefined, 'expected one of { visitorId }, { username }, { remoteAddr } and { consumer }'],
    [{}, 'none of them. Is a value undefined?'],
    [{ username: undefined }, 'none of them'],
    [{ username: '' }, 'username: expected text that is not empty'],
    [{ username: { $gt: '' } }, '$gt'],
    [{ visitorId: 'a', remoteAddr: 'b' }, 'visitorId and remoteAddr. Call it once for each.'],
    [{ userName: 'ada' }, "userName: 'ada'"],
  ])('and exporting refuse %j', async (subject, said) => {
    await withApp(start, [new MemoryStorage()], async (usage) => {
      const given = subject as UsageSubject;
      const refusals = [
        await usage.forget(given).catch((error: unknown) => error),
        await usage
          .from('memory')
          .forget(given)
          .catch((error: unknown) => error),
        await (async () => usage.export(given))().catch((error: unknown) => error),
      ];
      for (const refusal of refusals) {
        expect(refusal).toBeInstanceOf(TypeError);
        expect((refusal as Error).message).toContain(said);
      }
    });
  });
});
