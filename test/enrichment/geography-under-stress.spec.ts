import { describe, expect, it, vi } from 'vitest';
import { EnrichmentStage } from '../../lib/enrichment/enrichment-stage.js';
import { CircuitBreaker } from '../../lib/enrichment/geo-ip/circuit-breaker.js';
import type { GeoIpOptions, UsageRecord } from 'nestjs-track-usage';
import { GeoIp } from '../../lib/enrichment/geo-ip/geo-ip.js';
import { RecordBuilder } from '../../lib/enrichment/index.js';
import { captured } from './captured.js';
import { GeoServer, json } from './geo-server.js';
import { SilentLogger } from './silent-logger.js';

const open = (options: GeoIpOptions, logger = new SilentLogger()) => GeoIp.open(options, logger);
/** The same lookup, as a promise whether or not the answer is there at once. */
const ask = async (geoIp: GeoIp, address: string) => geoIp.lookup(address);
const publicAddress = (n: number) => `8.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

describe('addresses that nobody is asked for', () => {
  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.1.1', '100.64.0.1'],
    ...['0.0.0.0', '224.0.0.1', '255.255.255.255', '192.0.2.1', '198.51.100.1', '203.0.113.9'],
    ...['::1', '::', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12::1', 'ff02::1', '2001:db8::1'],
    ...['::ffff:10.0.0.1', 'fec0::1', 'not an address', '', '1', '0x7f.1', '8.8.8', 'unix:/tmp/x'],
  ])('%s', async (address) => {
    const resolve = vi.fn();
    const geoIp = await open({ resolve });
    expect([geoIp.lookup(address), geoIp.lookup(address)]).toEqual([null, null]);
    expect(resolve).not.toHaveBeenCalled();
    expect(geoIp.stats()).toMatchObject({ lookups: 2, private: 2, cached: 0, calls: 0 });
  });

  it('none at all, where no address is kept', async () => {
    const geoIp = await open({ resolve: vi.fn() });
    expect(geoIp.lookup(null)).toBeNull();
    expect(geoIp.stats().lookups).toBe(0);
  });
});

describe('an address', () => {
  it('is asked for once, however many wait for it or come later', async () => {
    const server = await GeoServer.start((_, response) => {
      setImmediate(() => json({ country_code: 'CH' })(_, response));
    });
    const geoIp = await open({ endpoint: server.url, timeout: 10_000 });
    const answers = await Promise.all(Array.from({ length: 1000 }, () => ask(geoIp, '8.8.8.8')));
    expect(new Set(answers).size).toBe(1);
    expect(geoIp.lookup('8.8.8.8')).toMatchObject({ country: 'CH' });
    expect(server.asked).toHaveLength(1);
    expect(geoIp.stats()).toMatchObject({ lookups: 1001, cached: 1, calls: 1 });
  });

  it('is forgotten for a newer one, and after its time', async () => {
    const resolve = vi.fn(() => ({ country: 'CH' }));
    const geoIp = await open({ resolve, cache: { max: 2, ttl: 20 } });
    for (const n of [1, 2, 3]) await geoIp.lookup(publicAddress(n));
    await geoIp.lookup(publicAddress(1));
    expect(resolve).toHaveBeenCalledTimes(4);
    await vi.waitFor(async () => {
      await geoIp.lookup(publicAddress(1));
      expect(resolve).toHaveBeenCalledTimes(5);
    });
  });

  it('is asked for and remembered masked, where it is kept masked', async () => {
    const resolve = vi.fn((_: string) => ({ country: 'CH' }));
    const records = await recordsOf({ resolve }, ['8.8.8.8', '8.8.8.9', '2a00:1:2:3::4'], 'masked');
    expect(resolve.mock.calls.map(([ip]) => ip)).toEqual(['8.8.8.0', '2a00:1:2::']);
    expect(records.map(({ ipInfo }) => ipInfo?.country)).toEqual(['CH', 'CH', 'CH']);
    expect(JSON.stringify(records)).not.toContain('8.8.8.8');
  });
});

describe('calls under way', () => {
  it('are never more than concurrency, and all are answered', async () => {
    let underWay = 0;
    let most = 0;
    const resolve = async () => {
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay--;
      return { country: 'CH' };
    };
    const geoIp = await open({ resolve, concurrency: 3, timeout: 10_000 });
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, n) => ask(geoIp, publicAddress(n))),
    );
    expect(answers.every((info) => info?.country === 'CH')).toBe(true);
    expect(most).toBe(3);
  });

  it('are waited for by a thousand addresses at most', async () => {
    const geoIp = await open({ resolve: () => new Promise(() => {}), concurrency: 1, timeout: 50 });
    const answers = Array.from({ length: 3000 }, (_, n) => ask(geoIp, publicAddress(n)));
    expect(new Set(await Promise.all(answers))).toEqual(new Set([null]));
    const { timedOut, skipped, calls, underWay } = geoIp.stats();
    expect(timedOut + skipped).toBe(3000);
    expect(skipped).toBeGreaterThanOrEqual(1999);
    expect([calls <= 8, underWay]).toEqual([true, 0]);
  });
});

const stageOf = (builder: RecordBuilder, geoIp: GeoIp, records: UsageRecord[]) =>
  new EnrichmentStage(builder, { ipInfo: (address) => geoIp.lookup(address) }, (record) =>
    records.push(record),
  );

/** Records of requests from these addresses, all of them. */
async function recordsOf(
  options: GeoIpOptions,
  addresses: readonly string[],
  ip: 'full' | 'masked' = 'full',
): Promise<UsageRecord[]> {
  const records: UsageRecord[] = [];
  const geoIp = await open(options);
  const stage = stageOf(new RecordBuilder({ ip }), geoIp, records);
  for (const remoteAddr of addresses) stage.enrich(captured({ remoteAddr }));
  await stage.settled();
  expect(stage.pending).toBe(0);
  return records;
}

describe('ten thousand requests', () => {
  const addresses = Array.from({ length: 10_000 }, (_, n) => publicAddress(n % 4000));
  const html = (body: string) => (_: unknown, response: import('node:http').ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(body);
  };

  it.each([
    ['answers after 30 s', () => {}],
    ['answers 500', json({ error: 'no' }, 500)],
    ['answers with HTML', html('<html><body>Sign in</body></html>')],
    ['answers with 10 MB', html(`{"country_code":"CH","x":"${'x'.repeat(10_000_000)}"}`)],
    ['answers with broken JSON', html('{"country_code":')],
    ['answers with a list', json(['CH'])],
    ['says that it failed', json({ status: 'fail', message: 'quota' })],
    ['hangs up', (request: import('node:http').IncomingMessage) => void request.socket.destroy()],
  ])('are all recorded, without geography, when the service %s', async (_, answer) => {
    const server = await GeoServer.start(answer);
    const logger = new SilentLogger();
    const geoIp = await open({ endpoint: server.url, timeout: 200 }, logger);
    const records: UsageRecord[] = [];
    const stage = stageOf(new RecordBuilder(), geoIp, records);
    for (const remoteAddr of addresses) stage.enrich(captured({ remoteAddr }));
    await stage.settled();

    expect(records).toHaveLength(10_000);
    expect(records.every(({ ipInfo }) => ipInfo === null)).toBe(true);
    const stats = geoIp.stats();
    expect(stats).toMatchObject({ lookups: 10_000, down: true, underWay: 0, notFound: 0 });
    expect(stats.failed + stats.timedOut).toBeGreaterThanOrEqual(5);
    expect(server.asked.length).toBeLessThanOrEqual(16);
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]).toMatch(/^warn Geography is unavailable, so records have ipInfo: null/);
  });

  it('are all recorded with geography when it answers', async () => {
    const server = await GeoServer.start(json({ country_code: 'CH' }));
    const few = addresses.map((_, n) => publicAddress(n % 500));
    const records = await recordsOf({ endpoint: server.url, timeout: 60_000 }, few);
    expect(records).toHaveLength(10_000);
    expect(records.every(({ ipInfo }) => ipInfo?.country === 'CH')).toBe(true);
    expect(server.asked).toHaveLength(500);
  });

  it('abandon the connections of calls that took too long', async () => {
    const server = await GeoServer.start(() => {});
    await recordsOf({ endpoint: server.url, timeout: 300 }, addresses.slice(0, 4));
    await vi.waitFor(() => expect(server.abandoned).toBe(4));
  });
});

describe('a source that is down', () => {
  const limits = { failures: 3, pause: 1000, maxPause: 4000 };

  it('is left alone after failures in a row, tried now and then, and used again', () => {
    let now = 0;
    const breaker = new CircuitBreaker(limits, () => now);
    const call = (succeeds: boolean) => (breaker.mayCall() ? breaker.report(succeeds) : 'refused');

    expect([call(false), call(false), call(true), call(false), call(false)]).toEqual(
      Array(5).fill(null),
    );
    expect(call(false)).toBe('opened');
    expect(call(true)).toBe('refused');
    for (const pause of [1000, 2000, 4000, 4000]) {
      now += pause - 1;
      expect(call(true)).toBe('refused');
      now += 1;
      expect(breaker.mayCall()).toBe(true);
      expect(breaker.mayCall(), 'one attempt at a time').toBe(false);
      expect(breaker.report(false)).toBeNull();
    }
    now += 4000;
    expect(call(true)).toBe('closed');
    expect([breaker.mayCall(), breaker.isOpen]).toEqual([true, false]);
  });

  it('is not left alone for longer by calls from before', () => {
    let now = 0;
    const breaker = new CircuitBreaker(limits, () => now);
    for (let n = 0; n < 8; n++) breaker.report(false);
    now = 1000;
    expect(breaker.mayCall()).toBe(true);
  });

  it('gives geography again when it is back, and says so', async () => {
    let now = 0;
    let up = false;
    const logger = new SilentLogger();
    const find = () => (up ? { country: 'CH' } : Promise.reject(new Error('no')));
    const source = { find, immediate: false };
    const geoIp = new GeoIp(source, {}, logger, new CircuitBreaker(limits, () => now));
    for (let n = 0; n < 5; n++) await geoIp.lookup(publicAddress(n));
    up = true;
    expect(await geoIp.lookup(publicAddress(100))).toBeNull();
    now = 1000;
    expect(await geoIp.lookup(publicAddress(101))).toMatchObject({ country: 'CH' });
    expect(await geoIp.lookup(publicAddress(102))).toMatchObject({ country: 'CH' });
    expect(geoIp.stats()).toMatchObject({ failed: 3, skipped: 3, calls: 5, down: false });
    expect(logger.lines).toEqual([
      expect.stringMatching(/^warn .*: no\. Next attempt in 1 s\.$/),
      'log Geography is available again.',
    ]);
  });
});
