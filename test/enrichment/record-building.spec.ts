import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import type { CapturedRequest } from '../../lib/record/captured-request.js';
import type { EnrichmentOptions, UsageRecord } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { RecordBuilder } from '../../lib/enrichment/index.js';
import { captured } from './captured.js';

function build(changes: Partial<CapturedRequest> = {}, options: EnrichmentOptions = {}) {
  const record = new RecordBuilder({ serverName: 'web-1', ...options }).build(captured(changes));
  if (!record) throw new Error('No record was built.');
  return record;
}

const argsOf = (query: string) => build({ url: `http://shop.example/?${query}` }).urlArgs;

describe('a record', () => {
  it('has every field that a record can have', () => {
    expect(Object.keys(build()).sort()).toEqual(Object.keys(makeRecord()).sort());
  });

  it('has every field of the request that was captured', () => {
    expect(
      build({
        url: 'http://shop.example/cats/1?a=1&b=x%20y',
        xForwardedFor: '203.0.113.9, 10.0.0.1',
        referrer: 'https://search.example/?q=cats',
        authorization: true,
        username: 'ann',
        acceptLanguage: 'de-CH,de;q=0.9',
        trackVar: { plan: 'pro' },
        weight: 4,
      }),
    ).toStrictEqual({
      id: '0193588e-7d1c-7a3b-8f2e-5b6c7d8e9f01',
      date: new Date('2026-11-23T09:30:15.250Z'),
      url: 'http://shop.example/cats/1?a=1&b=x%20y',
      path: '/cats/1',
      method: 'GET',
      protocol: 'HTTP/1.1',
      route: '/cats/:id',
      blueprint: 'CatsController',
      handler: 'findOne',
      viewArgs: { id: '1' },
      urlArgs: { a: '1', b: 'x y' },
      status: 200,
      outcome: 'completed',
      speed: 0.001234,
      contentLength: 27,
      remoteAddr: '203.0.113.9',
      xForwardedFor: '203.0.113.9, 10.0.0.1',
      referrer: 'https://search.example/?q=cats',
      authorization: true,
      username: 'ann',
      userAgent: {
        browser: 'curl',
        version: '8.4.0',
        platform: null,
        language: 'de-CH',
        string: 'curl/8.4.0',
        kind: 'library',
      },
      ipInfo: null,
      visitorId: null,
      serverName: 'web-1',
      trackVar: { plan: 'pro' },
      weight: 4,
      consumer: null,
      consumerGroup: null,
      service: null,
      release: null,
      apiVersion: null,
      traceId: null,
    } satisfies UsageRecord);
  });

  it('shares nothing with what was captured', () => {
    const trackVar = { plan: { name: 'pro' } };
    const record = build({ trackVar });
    trackVar.plan.name = 'free';
    expect(record.trackVar).toEqual({ plan: { name: 'pro' } });
  });
});

describe('query parameters', () => {
  it.each([
    ['a=1&a=2&a=3&b=4', { a: ['1', '2', '3'], b: '4' }],
    ['b[c]=1&b[c]=2&b[]=3', { 'b[c]': ['1', '2'], 'b[]': '3' }],
    ['a&b=&=c&&', { a: '', b: '', '': 'c' }],
    ['a=1=2&b=?', { a: '1=2', b: '?' }],
    ['q=a+b%2Bc&n+m=%C3%BC', { q: 'a b+c', 'n m': 'ü' }],
    ['x=%&y=%4&z=%zz%41&w=%e2%82', { x: '%', y: '%4', z: '%zzA', w: '\ufffd' }],
    ['$where=1&a.b=2&constructor=3&_id=4', { $where: '1', 'a.b': '2', constructor: '3', _id: '4' }],
    ['toString=1&toString=2&hasOwnProperty=3', { toString: ['1', '2'], hasOwnProperty: '3' }],
    ['x=%00y&z=%ED%A0%80', { x: '\ufffdy', z: '\ufffd\ufffd\ufffd' }],
  ])('of %s', (query, expected) => {
    expect(argsOf(query)).toStrictEqual(expected);
  });

  it('may be called __proto__, and come back from JSON as they are', () => {
    const args = argsOf('__proto__=1&__proto__=2&a=3');
    expect(Object.keys(args)).toEqual(['__proto__', 'a']);
    expect(Object.getPrototypeOf(args)).toBe(Object.prototype);
    expect(isDeepStrictEqual(args, JSON.parse('{"__proto__":["1","2"],"a":"3"}'))).toBe(true);
    expect(isDeepStrictEqual(args, JSON.parse(JSON.stringify(args)))).toBe(true);
  });

  it('are kept up to fifty values, and the rest of the record with them', () => {
    const query = Array.from({ length: 2000 }, (_, at) => `p${at}=${at}`).join('&');
    expect(Object.keys(argsOf(query))).toHaveLength(50);
    expect(argsOf('a=1&'.repeat(2000)).a).toHaveLength(50);
  });

  it('end where the fragment begins', () => {
    const record = build({ url: 'http://shop.example/x?a=1#b?c=2&d=3' });
    expect(record.urlArgs).toEqual({ a: '1' });
    expect(build({ url: 'http://shop.example/x#b?c=2' }).path).toBe('/x');
  });
});

describe('the path', () => {
  it.each([
    ['http://shop.example/cats/1?x=/y', '/cats/1'],
    ['http://shop.example', '/'],
    ['http://shop.example?x=1', '/'],
    ['http:///cats', '/cats'],
    ['http://shop.example//evil.example/x', '//evil.example/x'],
    ['http://[2001:db8::1]:8080/cats', '/cats'],
    ['/cats?x=http://a.example/b', '/cats'],
    ['http://shop.example/%zz/../%2e', '/%zz/../%2e'],
  ])('of %s', (url, path) => {
    expect(build({ url, route: null, viewArgs: null }).path).toBe(path);
  });
});

describe('the referrer', () => {
  it('is text where it came as UTF-8', () => {
    const asNodeReadsIt = Buffer.from('https://search.example/straße').toString('latin1');
    expect(build({ referrer: asNodeReadsIt }).referrer).toBe('https://search.example/straße');
  });
});

describe('limits', () => {
  it('cut each field at its own', () => {
    const long = 'x'.repeat(5000);
    const name = 'x'.repeat(2000);
    const record = build({
      url: `http://shop.example/${long}?a=${long}&${name}=1`,
      viewArgs: { id: long },
      referrer: `http://a.example/${long}`,
      xForwardedFor: long,
      username: long,
      userAgent: long,
      trackVar: { [name]: long },
    });
    expect([record.url.length, record.path.length]).toEqual([2048, 2048]);
    expect(record.userAgent.string).toHaveLength(512);
    expect(record.urlArgs).toEqual({ a: 'x'.repeat(1024), ['x'.repeat(1024)]: '1' });
    expect(record.viewArgs).toEqual({ id: 'x'.repeat(1024) });
    expect(record.trackVar).toEqual({ ['x'.repeat(1024)]: 'x'.repeat(1024) });
    for (const text of [record.referrer, record.xForwardedFor, record.username]) {
      expect(text).toHaveLength(1024);
    }
  });

  it('never cut through the middle of a character', () => {
    expect(build({ username: `${'x'.repeat(1023)}😀y` }).username).toBe('x'.repeat(1023));
    expect(build({ username: `${'x'.repeat(1022)}😀y` }).username).toBe(`${'x'.repeat(1022)}😀`);
  });

  it('replace what some storage could not keep', () => {
    expect(build({ username: 'a\0b\ud800c\udc00d😀' }).username).toBe('a\ufffdb\ufffdc\ufffdd😀');
  });
});

describe('variables of handlers', () => {
  const varsOf = (trackVar: unknown) => build({ trackVar: trackVar as never }).trackVar;

  it('become what JSON gives back', () => {
    const vars = varsOf({
      date: new Date(0),
      big: 12n,
      nan: NaN,
      infinite: -Infinity,
      zero: -0,
      nothing: undefined,
      list: [undefined, () => 1, 'x'],
      run: () => 1,
      map: new Map([['a', 1]]),
      text: '\ud800\0',
      own: { toJSON: () => ({ a: 1 }) },
    });
    expect(vars).toStrictEqual({
      date: '1970-01-01T00:00:00.000Z',
      big: '12',
      nan: null,
      infinite: null,
      zero: 0,
      list: [null, null, 'x'],
      map: {},
      text: '\ufffd\ufffd',
      own: { a: 1 },
    });
    expect(isDeepStrictEqual(vars, JSON.parse(JSON.stringify(vars)))).toBe(true);
  });

  it('may have any names', () => {
    const vars = JSON.parse('{"__proto__":{"polluted":true},"$where":1,"a.b":2}') as unknown;
    expect(isDeepStrictEqual(varsOf(vars), vars)).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('may be circular, bottomless, endless or throw when read', () => {
    const circle: Record<string, unknown> = { a: 1 };
    circle.self = circle;
    const thrower = Object.defineProperty({ fine: 1 }, 'bad', {
      enumerable: true,
      get() {
        throw new Error('no');
      },
    });
    expect(varsOf({ thrower })).toEqual({ thrower: { fine: 1, bad: null } });
    expect(JSON.stringify(varsOf(circle)).length).toBeLessThan(1000);
    const many = varsOf({ list: Array.from({ length: 1e6 }, (_, at) => at) });
    expect((many?.list as unknown[]).length).toBeLessThan(1000);
    expect(
      varsOf(
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error('no');
            },
          },
        ),
      ),
    ).toBeNull();
  });
});

describe('the option ip', () => {
  const addresses = (ip: 'full' | 'masked' | 'none', remoteAddr: string, xForwardedFor: string) => {
    const record = build({ remoteAddr, xForwardedFor }, { ip });
    return [record.remoteAddr, record.xForwardedFor];
  };
  const chain = '203.0.113.77, "[2001:db8:1:2::3]:443", 198.51.100.9:80, unknown, for=192.0.2.1';

  it('full keeps addresses, IPv4 mapped into IPv6 as IPv4', () => {
    expect(addresses('full', '::ffff:203.0.113.77', chain)).toEqual(['203.0.113.77', chain]);
    expect(addresses('full', '::ffff:cb00:714d', chain)[0]).toBe('203.0.113.77');
    expect(addresses('full', '2001:db8::1', chain)[0]).toBe('2001:db8::1');
    expect(addresses('full', '::1', chain)[0]).toBe('::1');
  });

  it('masked keeps /24 and /48, in X-Forwarded-For too', () => {
    const masked = '203.0.113.0, 2001:db8:1::, 198.51.100.0, unknown, unknown';
    expect(addresses('masked', '203.0.113.77', chain)).toEqual(['203.0.113.0', masked]);
    expect(addresses('masked', '::ffff:203.0.113.77', chain)[0]).toBe('203.0.113.0');
    expect(addresses('masked', '2001:db8:1:2:3:4:5:6', chain)[0]).toBe('2001:db8:1::');
    expect(addresses('masked', 'fe80::1%eth0', chain)[0]).toBe('fe80::');
    expect(addresses('masked', 'not an address', chain)[0]).toBeNull();
  });

  it('none keeps none', () => {
    expect(addresses('none', '203.0.113.77', chain)).toEqual([null, null]);
  });
});

describe('the option excludeBots', () => {
  const bot = captured({ userAgent: 'Googlebot/2.1 (+http://www.google.com/bot.html)' });
  const isKept = (excludeBots: EnrichmentOptions['excludeBots'], request = bot) =>
    new RecordBuilder({ excludeBots }).build(request) !== null;

  it('leaves out bots only when it is on', () => {
    expect([isKept(undefined), isKept(false), isKept(true)]).toEqual([true, true, false]);
    expect(isKept(true, captured())).toBe(true);
  });

  it.each([
    'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'Google-Cloud-Tasks',
    'Amazon Simple Notification Service Agent',
    'TwilioProxy/1.1',
    'Slackbot 1.0 (+https://api.slack.com/robots)',
    'payment-server/1.4',
  ])('never leaves out who calls on purpose: %s', (userAgent) => {
    expect(isKept(true, captured({ userAgent }))).toBe(true);
  });

  it('may decide by the kind', () => {
    const service = captured({ userAgent: 'Google-Cloud-Tasks' });
    expect(isKept((kind) => kind === 'service', service)).toBe(false);
    expect(isKept((kind) => kind === 'library', captured())).toBe(false);
    expect(isKept((kind) => kind === 'library')).toBe(true);
  });

  it('keeps the record when it throws, and says so', () => {
    const failed = vi.fn();
    const error = new Error('no');
    const excludeBots = () => {
      throw error;
    };
    expect(new RecordBuilder({ excludeBots }, { failed }).build(bot)).not.toBeNull();
    expect(failed).toHaveBeenCalledExactlyOnceWith('excludeBots', error);
  });
});

describe('the option anonymize', () => {
  it('may change what the records of a client share, each its own', () => {
    const request = captured({ userAgent: 'curl/8.4.0' });
    const forget = (record: UsageRecord) => {
      (record.userAgent as { string: string | null }).string = null;
      return record;
    };
    const builder = new RecordBuilder({ anonymize: forget });
    const built = [builder.build(request), builder.build(request)];
    for (const record of built)
      expect(record?.userAgent).toMatchObject({ browser: 'curl', string: null });
  });

  it('changes the record, within its limits and under its id', () => {
    const record = build(
      {},
      { anonymize: (r) => ({ ...r, id: 'x', url: 'u'.repeat(9999), username: null }) },
    );
    expect(record.id).toBe(captured().id);
    expect(record.url).toHaveLength(2048);
  });

  it('leaves a record that it does not change as it was', () => {
    const request = captured({ trackVar: { a: 1 }, acceptLanguage: 'de' });
    expect(new RecordBuilder({ anonymize: (r) => r }).build(request)).toStrictEqual(
      new RecordBuilder().build(request),
    );
  });

  it('leaves out the record by returning null, which is no loss', () => {
    const dropped = vi.fn();
    expect(new RecordBuilder({ anonymize: () => null }, { dropped }).build(captured())).toBeNull();
    expect(dropped).not.toHaveBeenCalled();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
      'no',
    ],
    ['returns nothing', () => undefined, 'must return a record or null'],
    ['returns a promise', async (r: UsageRecord) => r, 'no promise'],
    [
      'breaks the date',
      (r: UsageRecord) => ({ ...r, date: new Date(NaN) }),
      'a valid Date as its date',
    ],
    ['breaks a number', (r: UsageRecord) => ({ ...r, speed: NaN }), 'a finite number as its speed'],
    ['breaks a string', (r: UsageRecord) => ({ ...r, url: null }), 'a string as its url'],
  ])('loses the record, and counts it, when it %s', (_, anonymize, message) => {
    const dropped = vi.fn();
    const request = captured();
    const builder = new RecordBuilder({ anonymize: anonymize as never }, { dropped });
    expect(builder.build(request)).toBeNull();
    expect(dropped).toHaveBeenCalledExactlyOnceWith(
      request,
      'anonymize',
      expect.objectContaining({ message: expect.stringContaining(message) }),
    );
  });
});
