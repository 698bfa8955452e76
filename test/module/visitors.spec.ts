import { Controller, Get, HttpCode, Res } from '@nestjs/common';
import { TrackUsage, type TrackUsageModuleOptions } from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { appsOn, onPlatforms, type StartApp } from '../support/applications.js';
import { platforms } from '../support/platforms.js';

@TrackUsage()
@Controller()
class PagesController {
  @Get('page')
  page() {
    return 'page';
  }

  @HttpCode(204)
  @Get('empty')
  empty() {
    return undefined;
  }

  @Get('own-cookies')
  own(@Res({ passthrough: true }) response: any) {
    const set = response.header.bind(response) as (name: string, value: unknown) => void;
    set('Set-Cookie', ['a=1', 'b=2']);
    return 'own';
  }

  @Get('by-hand')
  byHand(@Res() response: any) {
    const raw = response.raw ?? response;
    response.hijack?.();
    raw.writeHead(200, { 'set-cookie': 'c=3', 'content-type': 'text/plain' });
    raw.end('by hand');
  }

  @Get('throws')
  throws() {
    throw new Error('as it should');
  }
}

@Controller('untracked')
class UntrackedController {
  @Get()
  page() {
    return 'page';
  }
}

async function withApp(
  start: StartApp,
  options: TrackUsageModuleOptions,
  use: (url: string, visitors: () => Promise<(string | null)[]>) => Promise<void>,
): Promise<void> {
  const app = await start({
    track: options,
    controllers: [PagesController, UntrackedController],
  });
  await use(app.url, async () => (await app.records()).map(({ visitorId }) => visitorId));
}

const cookiesOf = async (url: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url, { headers });
  await response.text();
  return response.headers.getSetCookie();
};

onPlatforms('visitors by cookie on $name', (start) => {
  it('get one cookie with a random id, once, and are known by it', async () => {
    await withApp(start, { cookie: true }, async (url, visitors) => {
      const [set, ...more] = await cookiesOf(`${url}/page`);
      expect(more).toEqual([]);
      expect(set).toMatch(
        /^track_usage=[\w-]{22}; Max-Age=34128000; Path=\/; HttpOnly; SameSite=Lax$/,
      );
      const cookie = set?.split(';')[0] ?? '';
      expect(await cookiesOf(`${url}/page`, { cookie: `x=y; ${cookie}` })).toEqual([]);
      const id = cookie.split('=')[1];
      expect(await visitors()).toEqual([id, id]);
    });
  });

  it('get it beside the application’s own cookies, however those are set', async () => {
    await withApp(start, { cookie: { name: 'v', maxAge: 60 } }, async (url) => {
      const own = await cookiesOf(`${url}/own-cookies`);
      expect(own.slice(0, 2)).toEqual(['a=1', 'b=2']);
      expect(own.slice(2)).toEqual([expect.stringMatching(/^v=/)]);
      expect(await cookiesOf(`${url}/by-hand`)).toEqual(['c=3', expect.stringMatching(/^v=/)]);
      expect(await cookiesOf(`${url}/empty`)).toEqual([expect.stringMatching(/^v=/)]);
      expect(await cookiesOf(`${url}/throws`)).toEqual([expect.stringMatching(/^v=/)]);
    });
  });

  it('get another in place of a forged or oversized one', async () => {
    await withApp(start, { cookie: true }, async (url, visitors) => {
      for (const value of ['1', 'x'.repeat(4000), '<script>', '%00', '"a;b"'])
        expect(await cookiesOf(`${url}/page`, { cookie: `track_usage=${value}` })).toHaveLength(1);
      const ids = await visitors();
      expect(new Set(ids).size).toBe(5);
      for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
    });
  });

  it.each<Record<string, string>>([{ dnt: '1' }, { 'sec-gpc': '1' }])(
    'get none with %j, unless told otherwise',
    async (headers) => {
      await withApp(start, { cookie: true }, async (url, visitors) => {
        expect(await cookiesOf(`${url}/page`, headers)).toEqual([]);
        expect(await visitors()).toEqual([null]);
      });
      await withApp(start, { cookie: true, respectDoNotTrack: false }, async (url) => {
        expect(await cookiesOf(`${url}/page`, headers)).toHaveLength(1);
      });
    },
  );

  it('get none where nothing is tracked, or the option is off', async () => {
    await withApp(start, { cookie: true }, async (url) => {
      expect(await cookiesOf(`${url}/untracked`)).toEqual([]);
      expect(await cookiesOf(`${url}/nowhere`)).toEqual([]);
    });
    await withApp(start, {}, async (url, visitors) => {
      expect(await cookiesOf(`${url}/page`)).toEqual([]);
      expect(await visitors()).toEqual([null]);
    });
  });
});

onPlatforms('daily visitors on $name', (start) => {
  it('are told apart by address and client, without a cookie', async () => {
    await withApp(start, { visitors: 'daily' }, async (url, visitors) => {
      const page = (agent: string, headers = {}) =>
        cookiesOf(`${url}/page`, { 'user-agent': agent, ...headers });
      expect(await page('one')).toEqual([]);
      await page('two');
      await page('one');
      await page('one', { dnt: '1' });
      const [first, second, third, optedOut] = await visitors();
      expect(first).toMatch(/^[\w-]{22}$/);
      expect(second).not.toBe(first);
      expect(third).toBe(first);
      expect(optedOut).toBeNull();
    });
  });

  it('have another id in another run of the application, whose salt is another', async () => {
    const ids: (string | null)[] = [];
    for (let run = 0; run < 2; run++)
      await withApp(start, { visitors: 'daily' }, async (url, visitors) => {
        await cookiesOf(`${url}/page`, { 'user-agent': 'one' });
        ids.push(...(await visitors()));
      });
    expect(new Set(ids).size).toBe(2);
  });
});

describe('geography', () => {
  const start = appsOn(platforms[0]!);

  it('is asked of a function, and what that does harms no record', async () => {
    const asked: string[] = [];
    const app = await start({
      track: {
        mode: 'include',
        geoIp: {
          timeout: 50,
          resolve: (ip) => {
            asked.push(ip);
            if (ip.endsWith('.1')) return { country: 'CH', city: 'Zürich' };
            if (ip.endsWith('.2')) throw new Error('thrown');
            if (ip.endsWith('.3')) return new Promise(() => undefined);
            return null;
          },
        },
      },
      trustProxy: true,
    });
    for (const ip of ['8.8.8.1', '8.8.8.2', '8.8.8.3', '8.8.8.4', '10.0.0.1', '8.8.8.1']) {
      const response = await app.fetch('/cats', { headers: { 'x-forwarded-for': ip } });
      expect(response.status).toBe(200);
    }
    const countries = Object.fromEntries(
      (await app.records()).map(({ remoteAddr, ipInfo }) => [remoteAddr, ipInfo?.country ?? null]),
    );
    expect(countries).toEqual({
      '8.8.8.1': 'CH',
      '8.8.8.2': null,
      '8.8.8.3': null,
      '8.8.8.4': null,
      '10.0.0.1': null,
    });
    expect(asked.sort()).toEqual(['8.8.8.1', '8.8.8.2', '8.8.8.3', '8.8.8.4']);
    expect(app.usage.stats().geoIp).toMatchObject({
      lookups: 6,
      private: 1,
      failed: 1,
      timedOut: 1,
      notFound: 1,
    });
  });

  it.each<[object, string]>([
    [{ geoIp: {} }, 'option geoIp: expected an object with one of endpoint, database, resolve'],
    [{ geoIp: { endpoint: 'geo' } }, 'option geoIp.endpoint: expected a URL'],
    [{ geoIp: { endpoint: undefined } }, 'option geoIp.endpoint: expected a value'],
    [{ geoIp: { resolve: () => null, timeout: 0 } }, 'option geoIp.timeout: expected milliseconds'],
    [
      { geoIp: { resolve: () => null, cache: { size: 1 } } },
      'option geoIp.cache.size: expected one',
    ],
    [{ cookie: { name: 'a b' } }, 'option cookie.name: expected a cookie name'],
    [{ cookie: { maxage: 1 } }, 'option cookie.maxage: expected one of the options name, maxAge'],
    [{ cookie: 'yes' }, 'option cookie: expected true or false'],
    [{ visitors: 'hourly' }, "option visitors: expected 'daily'"],
    [
      { visitors: 'daily', cookie: true },
      'option visitors: expected none beside the option cookie',
    ],
  ])('and visitors are checked at start: %j', async (options, told) => {
    await expect(withApp(start, options, async () => undefined)).rejects.toThrow(told);
  });
});
