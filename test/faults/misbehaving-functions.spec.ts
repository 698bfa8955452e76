import { Controller, Get, HttpCode, NotFoundException, Param, Post } from '@nestjs/common';
import {
  MemoryStorage,
  OutputWriter,
  PrintWriter,
  TrackUsage,
  type TrackUsageModuleOptions,
  type UsageStorage,
} from 'nestjs-track-usage';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { THROWN } from '../delivery/thrown-values.js';
import { onPlatforms, type TestApp } from '../support/applications.js';

@TrackUsage()
@Controller('cats')
class CatsController {
  @Get(':id') findOne(@Param('id') id: string) {
    if (id === '3') throw new NotFoundException('no such cat');
    return { id, name: 'Tom' };
  }

  @Post() @HttpCode(202) create() {
    return 'made';
  }
}

const REQUESTS = [
  ...Array.from({ length: 6 }, (_, id) => ['GET', `/cats/${id}`] as const),
  ['POST', '/cats'],
  ['GET', '/dogs'],
] as const;
/** Those that reach a handler. */
const TRACKED = REQUESTS.length - 1;

const explode = (): never => {
  throw new Error('of the user');
};
const hang = () => new Promise<never>(() => undefined);
const reject = () => Promise.reject(new Error('of the user'));
/** The types say that no promise is taken; JavaScript does not. */
const untyped = (value: unknown) => value as never;

const storing = (
  store: UsageStorage['store'],
  options?: UsageStorage['options'],
): UsageStorage => ({
  name: 'broken',
  store,
  ...(options && { options }),
});

/** What a user's own code may do, and how many records the other storage has then. */
const CASES: readonly {
  name: string;
  options: () => TrackUsageModuleOptions;
  /** Records that the storage named other must have. */
  stored?: number;
  wasCalled?: () => boolean;
}[] = [
  { name: 'a store that never returns', options: () => ({ storages: [storing(hang)] }) },
  { name: 'a store that throws', options: () => ({ storages: [storing(explode)] }) },
  ...THROWN.map(({ name, make }) => ({
    name: `a store that rejects with ${name}`,
    options: () => ({
      storages: [
        storing(async () => {
          throw make();
        }),
      ],
    }),
  })),
  ...THROWN.map(({ name, make }) => ({
    name: `a hook that throws ${name}`,
    options: () => ({
      storages: [
        new MemoryStorage({
          name: 'broken',
          hooks: [
            () => {
              throw make();
            },
            async () => {
              throw make();
            },
          ],
        }),
      ],
    }),
  })),
  {
    name: 'a hook that never ends',
    options: () => ({ storages: [new MemoryStorage({ name: 'broken', hooks: [hang] })] }),
  },
  {
    name: 'a hook that returns a thenable that throws',
    options: () => ({
      storages: [new MemoryStorage({ name: 'broken', hooks: [() => untyped({ then: explode })] })],
    }),
  },
  {
    name: 'transform of a writer that throws',
    options: () => ({ storages: [new OutputWriter({ name: 'broken', transform: explode })] }),
  },
  {
    name: 'transform of a writer that hangs',
    options: () => ({
      storages: [new PrintWriter({ name: 'broken', transform: () => untyped(hang()) })],
    }),
  },
  { name: 'username that throws', options: () => ({ username: explode }) },
  { name: 'username that rejects', options: () => ({ username: () => untyped(reject()) }) },
  { name: 'username that hangs', options: () => ({ username: () => untyped(hang()) }) },
  { name: 'skip that throws', options: () => ({ skip: explode }) },
  { name: 'skip that rejects', options: () => ({ skip: () => untyped(reject()) }) },
  { name: 'skip that hangs', options: () => ({ skip: () => untyped(hang()) }) },
  { name: 'anonymize that throws', options: () => ({ anonymize: explode }), stored: 0 },
  {
    name: 'anonymize that rejects',
    options: () => ({ anonymize: () => untyped(reject()) }),
    stored: 0,
  },
  {
    name: 'anonymize that hangs',
    options: () => ({ anonymize: () => untyped(hang()) }),
    stored: 0,
  },
  { name: 'excludeBots that throws', options: () => ({ excludeBots: explode }) },
  { name: 'excludeBots that rejects', options: () => ({ excludeBots: () => untyped(reject()) }) },
  { name: 'excludeBots that hangs', options: () => ({ excludeBots: () => untyped(hang()) }) },
  ...[explode, reject, hang].map((misbehave) => {
    const resolve = vi.fn(misbehave);
    return {
      name: `geoIp.resolve that ${misbehave.name}s`,
      options: () => ({ geoIp: { resolve, timeout: 20 } }),
      wasCalled: () => resolve.mock.calls.length > 0,
    };
  }),
  ...[explode, reject, hang].map((deadLetter) => ({
    name: `deadLetter that ${deadLetter.name}s`,
    options: () => ({
      storages: [storing(explode, { deadLetter: () => untyped(deadLetter()) })],
    }),
  })),
];

/** What a client sees, but for what no two answers have in common. */
async function answersOf({ fetch }: TestApp): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const [method, path] of REQUESTS) {
    // A public address, so that somebody is asked where it is.
    const response = await fetch(path, {
      method,
      headers: { 'x-forwarded-for': '8.8.8.8' },
    });
    const headers = [...response.headers].filter(([name]) => name !== 'date');
    seen.push([response.status, headers, await response.text()]);
  }
  return seen;
}

const parts = { controllers: [CatsController], trustProxy: true };

onPlatforms('code of the user that misbehaves on $name', (start) => {
  const escaped: unknown[] = [];
  const note = (error: unknown) => void escaped.push(error);
  const events = ['unhandledRejection', 'uncaughtException'] as const;
  beforeEach(() => {
    escaped.length = 0;
    for (const event of events) process.on(event, note);
  });
  afterEach(() => {
    for (const event of events) process.off(event, note);
  });

  it.each(CASES)('changes no response and stops no other storage: $name', async (given) => {
    const { storages = [], ...options } = given.options();
    const other = new MemoryStorage({ name: 'other' });
    const app = await start({
      ...parts,
      track: {
        flushInterval: 1,
        shutdownTimeout: 50,
        ...options,
        storages: [...storages, other],
      },
    });
    const untracked = await start({ ...parts, track: null });
    expect(await answersOf(app)).toEqual(await answersOf(untracked));
    const { usage } = app;
    await app.close();
    expect(await other.countUsage()).toBe(given.stored ?? TRACKED);
    const { seen, stored, waiting, dropped } = usage.stats().storages['other']!;
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    expect([seen, stored, waiting, lost]).toEqual([
      TRACKED,
      given.stored ?? TRACKED,
      0,
      TRACKED - (given.stored ?? TRACKED),
    ]);
    // Rejections that nobody handles are told of after a turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(escaped).toEqual([]);
    expect(given.wasCalled?.() ?? true).toBe(true);
  });
});
