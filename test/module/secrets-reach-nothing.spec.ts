import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import {
  Controller,
  Get,
  Logger,
  Req,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type LoggerService,
} from '@nestjs/common';
import {
  byApiKey,
  byClientHeaders,
  MemoryStorage,
  OutputWriter,
  sumBasic,
  sumClients,
  sumConsumers,
  TrackUsage,
  TrackVar,
  type TrackUsageModuleOptions,
  type TrackVars,
  type UsageStorage,
} from 'nestjs-track-usage';
import { expect, it, vi } from 'vitest';
import { KNOWN_KEYS } from '../enrichment/known-keys.js';
import { POSITIONS, requestsWithSecrets } from '../enrichment/secrets.js';
import { onPlatforms, type StartApp } from '../support/applications.js';

interface KeyedRequest {
  readonly headers: Record<string, string | undefined>;
  readonly url: string;
}

/** Lets every second key pass. */
class HalfGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<KeyedRequest>().headers['x-refuse'] === undefined;
  }
}

@TrackUsage()
@Controller()
class AnyController {
  @UseGuards(HalfGuard)
  @Get('keyed')
  keyed(@Req() request: KeyedRequest, @TrackVar() vars: TrackVars) {
    const { traceparent: _, ...headers } = request.headers;
    vars.seen = headers;
    return 'keyed';
  }
  @Get('reset/:token/confirm')
  confirm(@Req() request: { url: string }, @TrackVar() vars: TrackVars) {
    vars.resetToken = request.url;
    return 'confirmed';
  }
}

interface SecretRequest {
  readonly secret: string;
  readonly target: string;
  readonly headers?: Record<string, string>;
}

/** 500 request lines and referrers with a secret of its own in each, as a client may send them. */
const requests: readonly SecretRequest[] = requestsWithSecrets(Object.keys(POSITIONS).length * 16)
  .map(({ secret, changes: { url = '', referrer } }) => {
    const target = url.replace(/^[a-z]+:\/\/[^/]*/, '').split('#')[0] || '/';
    const headers: Record<string, string> = referrer ? { Referer: referrer } : {};
    return { secret, target: target.replaceAll(' ', '%20'), headers };
  })
  .filter(({ secret, target, headers }) => `${target}${headers.Referer ?? ''}`.includes(secret))
  .filter(({ target }) => !/^\/(?:reset\/(?!.*confirm)|files\/|mounted\/)/.test(target))
  .slice(0, 500);

/** Where an API key that nothing but its place gives away can stand in a request. */
const KEY_POSITIONS: readonly ((key: string) => Omit<SecretRequest, 'secret'>)[] = [
  (key) => ({ target: '/keyed', headers: { 'X-Api-Key': key } }),
  (key) => ({ target: '/keyed', headers: { 'X-Api-Key': key, 'X-Refuse': 'yes' } }),
  (key) => ({ target: '/keyed', headers: { Authorization: `Bearer ${key}` } }),
  (key) => ({ target: '/keyed', headers: { Authorization: `Basic ${btoa(`${key}:`)}` } }),
  (key) => ({ target: '/keyed', headers: { Authorization: `Basic ${btoa(`anna:${key}`)}` } }),
  (key) => ({ target: '/keyed', headers: { Cookie: `session=${key}` } }),
  (key) => ({ target: `/keyed?shop-client=${key}` }),
  (key) => ({ target: `/keyed?shop-client=${key}`, headers: { 'X-Refuse': 'yes' } }),
  (key) => ({ target: `/nowhere?a=1&SHOP-client=${key}&b=2` }),
  (key) => ({ target: `/keyed?shop%2Dclient[]=${key}` }),
  (key) => ({ target: `/keyed?next=${encodeURIComponent(`/keyed?shop-client=${key}`)}` }),
  (key) => ({ target: '/keyed', headers: { Referer: `http://a.b/c?d=1&shop-client=${key}` } }),
  (key) => ({ target: '/keyed', headers: { traceparent: `00-${key}-00f067aa0ba902b7-01` } }),
];

/** Where keys of known forms can stand too. */
const KNOWN_KEY_POSITIONS: typeof KEY_POSITIONS = [
  (key) => ({ target: '/keyed', headers: { 'X-Raw-Consumer': key } }),
  (key) => ({ target: '/keyed', headers: { 'X-Raw-Group': key } }),
  (key) => ({ target: '/keyed', headers: { 'User-Agent': `MyShop/1.0 (${key})` } }),
  (key) => ({ target: '/keyed', headers: { 'User-Agent': key } }),
  (key) => ({ target: '/keyed', headers: { 'X-Client-Name': key } }),
  (key) => ({ target: '/keyed', headers: { 'X-Client-Name': 'a', 'X-Client-Version': key } }),
  (key) => ({ target: '/keyed', headers: { 'X-Forwarded-For': key } }),
  (key) => ({ target: `/keyed/${encodeURIComponent(key)}` }),
  (key) => ({ target: `/keyed?page=${encodeURIComponent(key)}` }),
  (key) => ({ target: '/keyed', headers: { 'X-Anything': key } }),
];

/** 500 requests with keys: of known forms in every position, others where their place tells. */
const keyRequests: readonly SecretRequest[] = [
  ...Object.values(KNOWN_KEYS)
    // Not even Node lets these into a header.
    .filter((key) => !key.includes('\n'))
    .flatMap((key, at) =>
      [...KNOWN_KEY_POSITIONS, ...KEY_POSITIONS]
        .filter((_, position) => (position + at) % 4 === 0)
        .map((place) => ({ secret: key, ...place(key) })),
    ),
  ...Array.from({ length: 500 }, (_, at) => {
    const secret = `shop-${(at * 2_654_435_761).toString(36)}-Zq${at}Vx`;
    return { secret, ...KEY_POSITIONS[at % KEY_POSITIONS.length]!(secret) };
  }),
].slice(0, 500);

/** Sends requests over one connection, byte for byte. */
async function send(port: number, all: readonly SecretRequest[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  for (const [at, { target, headers = {} }] of all.entries())
    socket.write(
      [
        `GET ${target} HTTP/1.1`,
        'Host: shop.example',
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        ...(at === all.length - 1 ? ['Connection: close'] : []),
        '\r\n',
      ].join('\r\n'),
    );
  await new Promise((resolve, reject) => {
    socket.on('error', reject).on('close', resolve).resume();
  });
}

const SUMS = [...sumBasic, sumConsumers, sumClients];

/** Sends requests to an application. Returns all texts that got anywhere, by where. */
async function sendAll(
  start: StartApp,
  all: readonly SecretRequest[],
  options: TrackUsageModuleOptions = {},
): Promise<{ reached: Record<string, string[]>; consumers: Set<string | null> }> {
  const reached: Record<string, string[]> = {
    storage: [],
    hook: [],
    printed: [],
    log: [],
    'dead letter': [],
    event: [],
    sums: [],
  };
  const note = (where: string, value: unknown) => void reached[where]!.push(String(value));
  const json = (where: string) => (value: unknown) => note(where, JSON.stringify(value));
  const output = new PassThrough();
  output.on('data', (text) => note('printed', text));
  const storage = new MemoryStorage({ hooks: [...SUMS, json('hook')] });
  // It logs what it was given, as those do whose driver repeats the statement in its error.
  const refusing: UsageStorage = {
    name: 'refusing',
    options: { batchSize: 1, shutdownTimeout: 500, deadLetter: json('dead letter') },
    store: async (records) => {
      throw new TypeError(`cannot take ${JSON.stringify(records)}`);
    },
  };
  const { usage, port, close } = await start({
    track: {
      // Whatever was asked for, known or not.
      mode: 'include',
      storages: [storage, new OutputWriter({ output }), refusing],
      ...options,
    },
    controllers: [AnyController],
  });
  const line = (...given: unknown[]) => note('log', given.map(String).join(' '));
  const logger: LoggerService = {
    log: line,
    warn: line,
    error: line,
    debug: line,
    verbose: line,
  };
  Logger.overrideLogger(logger);
  usage.records$.subscribe(json('event'));
  usage.summaries$.subscribe(json('event'));
  for (let at = 0; at < all.length; at += 50) await send(port, all.slice(at, at + 50));
  // The refusing storage would take all the time that there is.
  void usage.flush({ timeout: 1 });
  await vi.waitFor(() => expect(usage.stats().storages['memory']?.waiting).toBe(0));

  const records = await usage.getUsage({ limit: 1000 });
  expect(records.length).toBeGreaterThan(480);
  for (const record of records) json('storage')(record);
  for (const { dimension } of SUMS) json('sums')(await usage.getSum(dimension));
  await close();
  Logger.overrideLogger(false);
  return { reached, consumers: new Set(records.map(({ consumer }) => consumer)) };
}

function expectNone(all: readonly SecretRequest[], reached: Record<string, string[]>): void {
  for (const [where, texts] of Object.entries(reached)) {
    const text = texts.join('\n');
    expect(text, where).not.toBe('');
    const found = all.filter(({ secret }) => text.includes(secret));
    expect(found, where).toEqual([]);
  }
}

onPlatforms('500 requests with secrets in every position, on $name', (start) => {
  it('leave none in a queue, a storage, a log line or an event', async () => {
    expect(requests).toHaveLength(500);
    expectNone(requests, (await sendAll(start, requests)).reached);
  });
});

onPlatforms('500 requests with API keys in every position, on $name', (start) => {
  const byKey = byApiKey('x-api-key', { query: 'shop-client' });
  const byBearer = byApiKey('authorization');

  it('leave none in a queue, a storage, a log line or an event', async () => {
    expect(keyRequests).toHaveLength(500);
    const { reached, consumers } = await sendAll(start, keyRequests, {
      client: byClientHeaders(),
      consumer: (request: KeyedRequest) => {
        const { 'x-raw-consumer': raw, 'x-raw-group': group } = request.headers;
        if (raw !== undefined) return raw;
        if (group !== undefined) return { id: 'acme', group };
        return byKey(request) ?? byBearer(request);
      },
    });
    expectNone(keyRequests, reached);
    // Keys that a guard let pass have named many consumers.
    expect(consumers.size).toBeGreaterThan(50);
  });
});
