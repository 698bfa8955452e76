import { createHash, createHmac } from 'node:crypto';
import { Logger, type LoggerService } from '@nestjs/common';
import {
  byApiKey,
  byUser,
  type TrackUsageModuleOptions,
  type UsageRecord,
} from 'nestjs-track-usage';
import { of } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer, WebSocket } from 'ws';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { platforms } from '../../support/platforms.js';
import { asUser, basic, KEYS, Shop } from './shop.js';

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
const hmac = (key: string, secret: string) =>
  createHmac('sha256', secret).update(key).digest('hex');
const LONG_ID = `acme_${sha256(KEYS.long)}`;
const SHORT_ID = sha256(KEYS.short);
const ZOE = { authorization: 'Bearer of-zoe' };
const keyed = (key: string) => ({ 'x-api-key': key });
const later = () => Promise.reject(new Error('later'));

interface Case {
  readonly title: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly expected: Partial<UsageRecord>;
}

interface Setup {
  readonly title: string;
  readonly options: TrackUsageModuleOptions;
  readonly cases: readonly Case[];
}

const nobody = { consumer: null, consumerGroup: null };

const setups: readonly Setup[] = [
  {
    title: 'byUser(), which is the default',
    options: {},
    cases: [
      {
        title: 'a user of a guard',
        path: '/user',
        headers: asUser({ username: 'anna' }),
        expected: { status: 200, consumer: 'anna', username: 'anna' },
      },
      {
        title: 'a user with nothing but an id',
        path: '/user',
        headers: asUser({ id: 42 }),
        expected: { status: 200, consumer: '42' },
      },
      {
        title: 'a user whom a later guard refuses',
        path: '/user/refused',
        headers: asUser({ username: 'anna' }),
        expected: { status: 403, consumer: 'anna', username: 'anna' },
      },
      {
        title: 'a user whom the handler verifies',
        path: '/handler',
        expected: { status: 200, consumer: 'by-handler' },
      },
      {
        title: 'a user of passport',
        path: '/passport',
        headers: ZOE,
        expected: { status: 200, consumer: 'zoe' },
      },
      {
        title: 'a user of passport whom a later guard refuses',
        path: '/passport/refused',
        headers: ZOE,
        expected: { status: 403, consumer: 'zoe' },
      },
      {
        title: 'a token that passport refuses',
        path: '/passport',
        headers: { authorization: 'Bearer of-nobody' },
        expected: { status: 403, ...nobody, username: null },
      },
      {
        title: 'a Basic header, which nobody has verified',
        path: '/open',
        headers: basic('mallory', 'secret'),
        expected: { status: 200, ...nobody, username: 'mallory' },
      },
      {
        title: 'an unverified JSON Web Token, which is not decoded',
        path: '/open',
        headers: {
          authorization: `Bearer eyJhbGciOiJub25lIn0.${Buffer.from('{"sub":"mallory"}').toString('base64url')}.`,
        },
        expected: { status: 200, ...nobody, username: null },
      },
      {
        title: 'an API key, which is no user',
        path: '/keyed',
        headers: keyed(KEYS.long),
        expected: { status: 200, ...nobody },
      },
      {
        title: 'a key of a known form in the place of a name',
        path: '/user',
        headers: asUser({ username: 'ghp_0123456789abcdefghij0123456789abcdef' }),
        expected: { status: 200, ...nobody, username: '[redacted]' },
      },
      {
        title: 'a name of 2,000 characters',
        path: '/user',
        headers: asUser({ username: 'ab '.repeat(666) }),
        expected: { status: 200, consumer: 'ab '.repeat(666).slice(0, 128) },
      },
      {
        title: 'a route that nobody has',
        path: '/nowhere',
        headers: asUser({ username: 'anna' }),
        expected: { status: 404, ...nobody },
      },
    ],
  },
  {
    title: 'byUser() with the option username',
    options: {
      consumer: byUser(),
      username: (request) => request.headers['x-account'] as string | undefined,
    },
    cases: [
      {
        title: 'what the option names',
        path: '/user',
        headers: { 'x-account': 'acme', ...asUser({ username: 'anna' }) },
        expected: { consumer: 'acme', username: 'acme' },
      },
      {
        title: 'the user where the option names nobody',
        path: '/user',
        headers: asUser({ username: 'anna' }),
        expected: { consumer: 'anna', username: 'anna' },
      },
    ],
  },
  {
    title: "byUser('tenant')",
    options: { consumer: byUser('tenant') },
    cases: [
      {
        title: 'a user of passport',
        path: '/passport',
        headers: ZOE,
        expected: { consumer: 'acme', username: 'zoe' },
      },
      {
        title: 'a refused user',
        path: '/passport/refused',
        headers: ZOE,
        expected: { status: 403, consumer: 'acme' },
      },
      {
        title: 'a user without that property',
        path: '/user',
        headers: asUser({ username: 'anna' }),
        expected: { ...nobody, username: 'anna' },
      },
      {
        title: 'a property that is no name',
        path: '/user',
        headers: asUser({ username: 'anna', tenant: { id: 1 } }),
        expected: { ...nobody },
      },
    ],
  },
  {
    title: 'byUser() beside an anonymize that takes the username away',
    options: {
      consumer: (request) => byUser()(request) ?? 'nobody',
      anonymize: (record) => ({ ...record, username: null }),
    },
    cases: [
      {
        title: 'a user',
        path: '/user',
        headers: asUser({ username: 'anna' }),
        expected: { ...nobody, username: null },
      },
      { title: 'somebody else', path: '/open', expected: { consumer: 'nobody' } },
    ],
  },
  {
    title: 'byUser() beside an anonymize that gives pseudonyms',
    options: {
      anonymize: (record) => ({
        ...record,
        username: record.username && sha256(record.username).slice(0, 8),
      }),
    },
    cases: [
      {
        title: 'a user',
        path: '/user',
        headers: asUser({ username: 'anna' }),
        expected: {
          consumer: sha256('anna').slice(0, 8),
          username: sha256('anna').slice(0, 8),
        },
      },
    ],
  },
  {
    title: 'byApiKey()',
    options: { consumer: byApiKey() },
    cases: [
      {
        title: 'a key of at least 16 characters',
        path: '/keyed',
        headers: keyed(KEYS.long),
        expected: { status: 200, consumer: LONG_ID },
      },
      {
        title: 'a shorter key',
        path: '/keyed',
        headers: keyed(KEYS.short),
        expected: { status: 200, consumer: SHORT_ID },
      },
      {
        title: 'an invented key, which a guard refuses',
        path: '/keyed',
        headers: keyed('invented-0123456789'),
        expected: { status: 403, ...nobody },
      },
      {
        title: 'a known key that a later guard refuses',
        path: '/keyed/refused',
        headers: keyed(KEYS.long),
        expected: { status: 403, ...nobody },
      },
      {
        title: 'a known key whose handler answers 403',
        path: '/keyed/forbidden',
        headers: keyed(KEYS.long),
        expected: { status: 403, consumer: LONG_ID },
      },
      {
        title: 'a known key whose handler throws',
        path: '/keyed/broken',
        headers: keyed(KEYS.long),
        expected: { status: 500, consumer: LONG_ID },
      },
      {
        title: 'a known key where an interceptor answers',
        path: '/keyed/cached',
        headers: keyed(KEYS.long),
        expected: { status: 200, consumer: LONG_ID },
      },
      { title: 'no key', path: '/open', expected: { status: 200, ...nobody } },
      {
        title: 'a key on a route that nobody has',
        path: '/nowhere',
        headers: keyed(KEYS.long),
        expected: { status: 404, ...nobody },
      },
      {
        title: 'a Bearer key, which this header does not have',
        path: '/keyed',
        headers: { authorization: `Bearer ${KEYS.long}` },
        expected: { status: 200, ...nobody },
      },
    ],
  },
  {
    title: "byApiKey('authorization')",
    options: { consumer: byApiKey('Authorization') },
    cases: [
      {
        title: 'a Bearer key',
        path: '/keyed',
        headers: { authorization: `Bearer ${KEYS.long}` },
        expected: { status: 200, consumer: LONG_ID, authorization: true },
      },
      {
        title: 'a Bearer key in another spelling, with spaces',
        path: '/keyed',
        headers: { authorization: `bEARER   ${KEYS.long}`, 'x-api-key': KEYS.long },
        expected: { status: 200, consumer: LONG_ID, authorization: true },
      },
      ...[KEYS.long, `Token ${KEYS.long}`, `Bearer ${KEYS.long} more`, 'Bearer'].map(
        (authorization): Case => ({
          title: `no Bearer key: ${authorization}`,
          path: '/open',
          headers: { authorization },
          expected: nobody,
        }),
      ),
      {
        title: 'a refused Bearer key',
        path: '/keyed',
        headers: { authorization: 'Bearer invented-0123456789' },
        expected: { status: 403, ...nobody },
      },
      {
        title: 'a Basic header',
        path: '/open',
        headers: basic('anna', KEYS.long),
        expected: { status: 200, ...nobody },
      },
    ],
  },
  ...[undefined, false as const].map((redact): Setup => ({
    title: `byApiKey() with query and secret, redact: ${String(redact)}`,
    options: {
      consumer: byApiKey('x-api-key', { query: 'client-key', secret: 'pepper' }),
      ...(redact === false && { redact }),
    },
    cases: [
      {
        title: 'a key in the query',
        path: `/keyed?a=1&client-key=${KEYS.long}&b=2`,
        headers: { referer: `https://shop.example/?client-key=${KEYS.other}` },
        expected: {
          status: 200,
          consumer: `acme_${hmac(KEYS.long, 'pepper')}`,
          url: expect.stringMatching(/\/keyed\?a=1&client-key=\[redacted\]&b=2$/) as string,
          urlArgs: { a: '1', 'client-key': '[redacted]', b: '2' },
          referrer: 'https://shop.example/?client-key=[redacted]',
        },
      },
      {
        title: 'a refused key in the query',
        path: '/keyed?CLIENT-KEY=invented&client-key=invented-too',
        expected: {
          status: 403,
          ...nobody,
          urlArgs: { 'CLIENT-KEY': '[redacted]', 'client-key': '[redacted]' },
        },
      },
      {
        title: 'a key in the header, which comes first',
        path: `/keyed?client-key=${KEYS.long}`,
        headers: keyed(KEYS.other),
        expected: { status: 200, consumer: `glob_${hmac(KEYS.other, 'pepper')}` },
      },
      {
        title: 'the parameter twice, of which none counts',
        path: `/open?client-key=${KEYS.long}&client-key=${KEYS.other}`,
        expected: { ...nobody, urlArgs: { 'client-key': ['[redacted]', '[redacted]'] } },
      },
    ],
  })),
  {
    title: 'a function of the application',
    options: {
      consumer: (request) => {
        const { user, headers } = request as {
          user?: { tenant: string; plan: string };
          headers: Record<string, string>;
        };
        if (user) return { id: user.tenant, group: user.plan };
        const key = byApiKey()(request);
        return key && { ...key, group: headers['x-plan'] };
      },
    },
    cases: [
      {
        title: 'a consumer with a group',
        path: '/user',
        headers: asUser({ tenant: 'acme', plan: 'pro' }),
        expected: { consumer: 'acme', consumerGroup: 'pro' },
      },
      {
        title: 'a consumer with a group on a 403',
        path: '/user/refused',
        headers: asUser({ tenant: 'acme', plan: 'pro' }),
        expected: { status: 403, consumer: 'acme', consumerGroup: 'pro' },
      },
      {
        title: 'a key with a group',
        path: '/keyed',
        headers: { ...keyed('acme-0123456789abcdef'), 'x-plan': 'free' },
        expected: { consumer: LONG_ID, consumerGroup: 'free' },
      },
      {
        title: 'a refused key with a group',
        path: '/keyed',
        headers: { ...keyed('invented-0123456789'), 'x-plan': 'free' },
        expected: { status: 403, ...nobody },
      },
    ],
  },
];

describe.each(platforms)('the consumer on $name', (platform) => {
  describe.each(setups)('by $title', ({ options, cases }) => {
    let shop: Shop;
    beforeAll(async () => void (shop = await Shop.start(platform, options)));
    afterAll(() => shop.close());

    it.each(cases)('$title', async ({ path, headers, expected }) => {
      expect(await shop.ask(path, headers)).toMatchObject(expected);
    });
  });

  it.each<[string, () => unknown, Partial<UsageRecord>, RegExp | null]>([
    ['throws', () => fail('on purpose'), nobody, /option consumer threw/],
    ['returns a promise', () => later(), nobody, /option consumer returned a promise/],
    ['returns true', () => true, nobody, /option consumer returned neither/],
    ['returns a function', () => () => 'acme', nobody, /option consumer returned neither/],
    ['returns an array', () => ['acme'], nobody, /option consumer returned neither/],
    ['returns another object', () => ({ name: 'acme' }), nobody, /returned neither/],
    ['returns an id that throws', () => thrower('id'), nobody, /option consumer threw/],
    ['returns NaN', () => NaN, nobody, /option consumer returned neither/],
    ['returns a key', () => 'ghp_0123456789abcdefghij0123456789abcdef', nobody, /byApiKey\(\)/],
    ['returns null', () => null, nobody, null],
    ['returns nothing', () => undefined, nobody, null],
    ['returns empty text', () => '', nobody, null],
    ['returns no id', () => ({ id: undefined, group: 'free' }), nobody, null],
    ['returns a number', () => 7, { consumer: '7', consumerGroup: null }, null],
    ['returns a bigint', () => ({ id: 7n, group: 8 }), { consumer: '7', consumerGroup: '8' }, null],
    ['returns NUL', () => 'a\0b', { consumer: 'a\ufffdb' }, null],
  ])('of a function that %s', async (_, consumer, expected, warning) => {
    const lines: string[] = [];
    const shop = await Shop.start(platform, { consumer: consumer as () => string });
    Logger.overrideLogger(collector(lines));
    const plain = await shop.ask('/open');
    await shop.ask('/open');
    Logger.overrideLogger(false);
    await shop.close();
    expect(plain).toMatchObject({ status: 200, ...expected });
    // Once for two requests.
    expect(lines).toHaveLength(warning ? 1 : 0);
    if (warning) expect(lines[0]).toMatch(warning);
  });

  it('is a key that all guards let pass, where a global interceptor answers', async () => {
    const shop = await Shop.start(platform, { consumer: byApiKey() }, (app) => {
      app.useGlobalInterceptors({
        intercept: (context, next) =>
          context.switchToHttp().getRequest<{ headers: object }>().headers['x-cached' as never]
            ? of('cached')
            : next.handle(),
      });
    });
    const headers = { ...keyed(KEYS.long), 'x-cached': 'yes' };
    expect(await shop.ask('/keyed', headers)).toMatchObject({ status: 200, consumer: LONG_ID });
    const refused = { ...keyed('invented-0123456789'), 'x-cached': 'yes' };
    expect(await shop.ask('/keyed', refused)).toMatchObject({ status: 403, ...nobody });
    expect(await shop.ask('/keyed/refused', headers)).toMatchObject({ status: 403, ...nobody });
    await shop.close();
  });

  it('is nobody where a guard of the whole application refuses a known key', async () => {
    const shop = await Shop.start(platform, { consumer: byApiKey() }, (app) => {
      app.useGlobalGuards({
        canActivate: (context) =>
          !context.switchToHttp().getRequest<{ url: string }>().url.includes('blocked'),
      });
    });
    const blocked = await shop.ask('/keyed?blocked', keyed(KEYS.long));
    expect(blocked).toMatchObject({ status: 403, ...nobody });
    expect(await shop.ask('/keyed', keyed(KEYS.long))).toMatchObject({ consumer: LONG_ID });
    await shop.close();
  });

  it('is nobody on a websocket, whose upgrade passes no guard', async () => {
    const shop = await Shop.start(platform, { consumer: byApiKey() }, (app) => {
      const server = new WebSocketServer({ noServer: true });
      (app.getHttpServer() as Server).on('upgrade', (request, socket, head) => {
        server.handleUpgrade(request, socket, head, (client) => client.close());
      });
    });
    const client = new WebSocket(shop.url.replace('http', 'ws') + '/live', {
      headers: keyed(KEYS.long),
    });
    await once(client, 'close');
    // The server answers upgrades itself, so that the only record is that of the next request.
    expect(await shop.ask('/keyed', keyed(KEYS.long))).toMatchObject({ consumer: LONG_ID });
    expect(await shop.usage.countUsage()).toBe(1);
    await shop.close();
  });
});

describe('byUser() and byApiKey()', () => {
  it.each([
    () => byUser(''),
    () => byUser(7 as never),
    () => byApiKey(''),
    () => byApiKey('x api key'),
    () => byApiKey('x-api-key', null as never),
    () => byApiKey('x-api-key', { querry: 'key' } as never),
    () => byApiKey('x-api-key', { query: '' }),
    () => byApiKey('x-api-key', { secret: '' }),
    () => byApiKey('x-api-key', { secret: undefined as never }),
  ])('refuse what does not fit: %s', (make) => {
    expect(make).toThrow(expect.objectContaining({ name: 'TrackUsageOptionsError' }));
  });

  it('show neither the key nor the secret', () => {
    expect(() => byApiKey('x-api-key', { secret: ['pepper'] as never })).toThrow(
      /^((?!pepper).)*$/,
    );
    const consumer = byApiKey()({ headers: keyed(KEYS.long) });
    expect(consumer).toEqual({ id: LONG_ID });
    expect(JSON.stringify(consumer)).not.toContain(KEYS.long);
  });
});

function fail(message: string): never {
  throw new Error(message);
}

function thrower(property: string): object {
  return Object.defineProperty({}, property, { get: () => fail(property) });
}

function collector(lines: string[]): LoggerService {
  const add = (line: unknown, more: unknown) => void lines.push(`${String(line)} ${String(more)}`);
  return { log: () => undefined, warn: add, error: add };
}
