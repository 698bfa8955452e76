import { All, Controller } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordBuilder } from '../../lib/enrichment/index.js';
import { TrackUsage } from 'nestjs-track-usage';
import { expectSameBytes } from './support/expect-same-bytes.js';
import { requestText } from './support/http-text.js';
import { ADAPTERS, type AdapterKind } from './support/scenario.js';
import { TestApplication } from './support/test-application.js';

@TrackUsage()
@Controller('search')
class Search {
  @All() search() {
    return 'found';
  }
}

const records = new RecordBuilder({ redact: false });

describe.each(ADAPTERS)('What was asked for on %s', (kind: AdapterKind) => {
  let tracked: TestApplication;
  let twin: TestApplication;
  beforeAll(async () => {
    tracked = await TestApplication.start({ controllers: [Search] }, kind, { mode: 'include' });
    twin = await TestApplication.start({ controllers: [Search] }, kind, null);
  });
  afterAll(async () => {
    await tracked.close();
    await twin.close();
  });

  /** Asks both applications, which must answer alike, and returns what was captured. */
  async function ask(request: string | Buffer) {
    const answer = await tracked.client().exchange(request);
    const [captured, ...more] = await tracked.taken();
    expect(more).toEqual([]);
    expectSameBytes(answer, await twin.client().exchange(request));
    return { captured: captured!, record: records.build(captured!)! };
  }

  it.each([
    ['?a=1&a=2&a=3', { a: ['1', '2', '3'] }],
    ['?b[c]=1&b[d][]=2', { 'b[c]': '1', 'b[d][]': '2' }],
    ['?', {}],
    ['?&&', {}],
    ['?empty=&none', { empty: '', none: '' }],
    [
      '?__proto__=1&constructor=2&$where=3&a.b=4&_id=5',
      JSON.parse('{"__proto__":"1","constructor":"2","$where":"3","a.b":"4","_id":"5"}'),
    ],
    ['?q=gr%C3%BC%C3%9Fe+an&x=%26%3D', { q: 'grüße an', x: '&=' }],
    ['?q=%E0%A4%A&p=100%&r=%', { q: expect.any(String), p: '100%', r: '%' }],
    ['?lone=%ED%A0%80', { lone: expect.any(String) }],
    ['?nul=%00', { nul: expect.any(String) }],
  ])('with the query %s has the arguments %o', async (query, urlArgs) => {
    const { captured, record } = await ask(requestText(`GET /search${query}`));
    expect(captured.url).toBe(`http://shop.example/search${query}`);
    expect(record.urlArgs).toEqual(urlArgs);
    expect(record.path).toBe('/search');
    expect({}).not.toHaveProperty('polluted');
    expect(JSON.parse(JSON.stringify(record.urlArgs))).toEqual(record.urlArgs);
  });

  it('with 2,000 parameters is cut to the limits', async () => {
    // As many as fit the 16 KB that Node allows a head to have.
    const query = Array.from({ length: 2000 }, (_, n) => `p${n}=`).join('&');
    const { captured, record } = await ask(requestText(`GET /search?${query}`));
    expect(captured.url).toHaveLength('http://shop.example/search?'.length + query.length);
    expect(Object.keys(record.urlArgs)).toHaveLength(50);
    expect(record.url).toHaveLength(2048);
  });

  it('with headers of almost 16 KB is recorded', async () => {
    const long = 'x'.repeat(3900);
    const { captured, record } = await ask(
      requestText('GET /search', {
        'user-agent': long,
        referer: long,
        'x-forwarded-for': long,
        'accept-language': long,
      }),
    );
    expect(captured).toMatchObject({
      userAgent: long,
      referrer: long,
      xForwardedFor: long,
      acceptLanguage: long,
      status: 200,
    });
    expect(record.userAgent.string).toHaveLength(512);
    expect(record.referrer).toHaveLength(1024);
  });

  it('with broken percent signs in the path is recorded as it was sent', async () => {
    const { captured } = await ask(requestText('GET /search/%E0%A4%A/%'));
    expect(captured).toMatchObject({ url: 'http://shop.example/search/%E0%A4%A/%', handler: null });
  });

  it('with headers that are no ASCII is recorded', async () => {
    const { captured } = await ask(
      requestText('GET /search', { referer: 'http://x/\xe9', 'user-agent': '\xff\xfe' }),
    );
    expect(captured).toMatchObject({ referrer: 'http://x/\xe9', userAgent: '\xff\xfe' });
  });

  it('over HTTP/1.0 without a host is where it was sent to', async () => {
    const { captured } = await ask('GET /search?a=1 HTTP/1.0\r\n\r\n');
    expect(captured).toMatchObject({
      url: `http://127.0.0.1:${tracked.port}/search?a=1`,
      protocol: 'HTTP/1.0',
      handler: 'search',
      status: 200,
    });
  });

  it.each(['evil.example/fake?x=', 'user@evil.example', 'evil example', 'evil#x', ' '])(
    'with the host %s has the path that was asked for',
    async (host) => {
      const { captured, record } = await ask(requestText('GET /search', { host }));
      expect(record.path).toBe('/search');
      expect(captured.url).not.toContain('evil');
    },
  );

  it.each(['[::1]:3000', 'shop.example:8080', 'xn--mnchen-3ya.example', 'SHOP.example'])(
    'with the host %s keeps it',
    async (host) => {
      expect((await ask(requestText('GET /search', { host }))).captured.url).toBe(
        `http://${host}/search`,
      );
    },
  );

  it('in absolute form is what it says', async () => {
    const { captured, record } = await ask(requestText('GET http://absolute.example/search?a=1'));
    expect(captured).toMatchObject({
      url: 'http://absolute.example/search?a=1',
      handler: 'search',
    });
    expect(record).toMatchObject({ path: '/search', urlArgs: { a: '1' } });
  });

  it('keeps the headers as they were sent', async () => {
    const { captured } = await ask(
      requestText('GET /search', {
        'user-agent': 'curl/8.5.0',
        referer: 'https://from.example/?token=1',
        'accept-language': 'de-CH,de;q=0.9',
        'x-forwarded-for': '1.2.3.4, 5.6.7.8',
        authorization: 'Bearer secret',
      }),
    );
    expect(captured).toMatchObject({
      userAgent: 'curl/8.5.0',
      referrer: 'https://from.example/?token=1',
      acceptLanguage: 'de-CH,de;q=0.9',
      xForwardedFor: '1.2.3.4, 5.6.7.8',
      authorization: true,
      username: null,
      protocol: 'HTTP/1.1',
    });
    expect(JSON.stringify(captured)).not.toContain('secret');
  });
});
