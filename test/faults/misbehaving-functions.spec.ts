import {
  type INestApplication,
  Controller,
  Get,
  HttpCode,
  Module,
  NotFoundException,
  Param,
  Post,
} from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  MemoryStorage,
  OutputWriter,
  PrintWriter,
  TrackUsage,
  TrackUsageModule,
  UsageService,
  type TrackUsageModuleOptions,
  type UsageStorage,
} from 'nestjs-track-usage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { THROWN } from '../delivery/thrown-values.js';
import { platforms, startApp, type TestPlatform } from '../support/platforms.js';

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
async function answers(url: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const [method, path] of REQUESTS) {
    // A public address, so that somebody is asked where it is.
    const response = await fetch(url + path, {
      method,
      headers: { 'x-forwarded-for': '8.8.8.8' },
    });
    const headers = [...response.headers].filter(([name]) => name !== 'date');
    seen.push([response.status, headers, await response.text()]);
  }
  return seen;
}

async function answersWithout(platform: TestPlatform): Promise<unknown[]> {
  @Module({ controllers: [CatsController] })
  class AppModule {}
  const { app, url } = await startApp(AppModule, platform, trustProxy);
  const seen = await answers(url);
  await app.close();
  return seen;
}

/** They believe what a proxy says of the client. */
const trustingPlatforms: readonly TestPlatform[] = platforms.map((platform) =>
  platform.name === 'Fastify'
    ? { ...platform, adapter: () => new FastifyAdapter({ trustProxy: true }) as never }
    : platform,
);
const trustProxy = (app: INestApplication) => {
  (app.getHttpAdapter().getInstance() as { set?(name: string, value: unknown): void }).set?.(
    'trust proxy',
    true,
  );
};

describe.each(trustingPlatforms)('code of the user that misbehaves on $name', (platform) => {
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
    @Module({
      imports: [
        TrackUsageModule.forRoot({
          flushInterval: 1,
          shutdownTimeout: 50,
          ...options,
          storages: [...storages, other],
        }),
      ],
      controllers: [CatsController],
    })
    class AppModule {}
    const { app, url } = await startApp(AppModule, platform, trustProxy);
    expect(await answers(url)).toEqual(await answersWithout(platform));
    await app.close();
    expect(await other.countUsage()).toBe(given.stored ?? TRACKED);
    const { seen, stored, waiting, dropped } = app.get(UsageService).stats().storages['other']!;
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
