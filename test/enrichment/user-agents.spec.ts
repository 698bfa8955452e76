import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UserAgentReader } from '../../lib/enrichment/user-agent/user-agent-reader.js';

const reader = new UserAgentReader();
const read = (agent: string | null, language: string | null = null) => reader.read(agent, language);

const samples = readFileSync(new URL('./fixtures/user-agents.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [kind, browser, version, platform, string] = line
      .split('\t')
      .map((cell) => (cell === '-' ? null : cell));
    return { browser, version, platform, language: null, string, kind };
  });

describe('what a User-Agent header says', () => {
  it('is read right for at least 98 of 100 real headers', () => {
    const wrong = samples.filter(
      (expected) => JSON.stringify(read(expected.string ?? '')) !== JSON.stringify(expected),
    );
    expect(new Set(samples.map(({ string }) => string)).size).toBeGreaterThanOrEqual(500);
    expect(wrong.length / samples.length, JSON.stringify(wrong, null, 1)).toBeLessThanOrEqual(0.02);
  });

  it('is the right kind for every one of them', () => {
    for (const { string, kind } of samples) {
      expect(read(string ?? '').kind, string ?? '').toBe(kind);
    }
  });

  it('is right for every application and every SDK', () => {
    const clients = samples.slice(samples.findIndex(({ browser }) => browser === 'Airr'));
    expect(clients.length).toBeGreaterThanOrEqual(140);
    for (const expected of clients) expect(read(expected.string ?? '')).toEqual(expected);
  });

  it('takes a service of the user for unknown, by its name, and not for a bot', () => {
    expect(read('acme-billing/2.3.1')).toMatchObject({ browser: 'acme-billing', kind: 'unknown' });
  });

  it.each([
    ['MyShop/4.12.0 (iPhone) Alamofire/5.9.1', 'MyShop', '4.12.0'],
    ['MyShop/4.12.0 (iPhone; iOS 17.0) Version/17.0 Safari/605.1', 'MyShop', '4.12.0'],
    ['My%20Shop/42 CFNetwork/1410.0.3 Darwin/22.6.0', 'My Shop', '42'],
    ['AcmeSDK/3.2.1', 'AcmeSDK', '3.2.1'],
    ['@acme/sdk/1.2.3 node/20.1.0', '@acme/sdk', '1.2.3'],
    ['Acme Node SDK v3.4.0', 'Acme Node SDK', '3.4.0'],
    ['acme-node:3.4.0', 'acme-node', '3.4.0'],
    ['okhttp/4.12.0', 'okhttp', '4.12.0'],
    ['okhttp/4.12.0 MyShop/4.12.0', 'okhttp', '4.12.0'],
    ['Mozilla/5.0 (Linux) Chrome/126.0.0.0 MyShop/4.12.0', 'Chrome', '126.0.0.0'],
  ])('names the application before its library or browser: %s', (header, browser, version) => {
    expect(read(header)).toMatchObject({ browser, version });
  });

  it.each([
    'search-sdk/1.0 (https://shop.example)',
    'com.shop.finder/7 okhttp/4.12.0',
    '@acme/search@1.4.0',
    'Finder/2.1 (+https://finder.example; iPhone; iOS 17.2)',
  ])('takes an SDK or an application for no bot: %s', (header) => {
    expect(read(header).kind).not.toBe('bot');
  });

  it.each([
    'acme-crawler-python/1.0 (https://acme.example)',
    'scan-bot-sdk/1.0 (+https://a.b)',
    'LinkChecker/10.1 (Windows; +https://linkchecker.example)',
    '@acme/crawler/1.0 (https://acme.example)',
  ])('takes a crawler for a bot, whatever it is built with: %s', (header) => {
    expect(read(header).kind).toBe('bot');
  });

  it('takes an unlisted crawler for a bot, by its name', () => {
    expect(read('Mozilla/5.0 (compatible; ExampleBot/3.1; +https://example.com/bot)')).toEqual({
      browser: 'ExampleBot',
      version: '3.1',
      platform: null,
      language: null,
      string: 'Mozilla/5.0 (compatible; ExampleBot/3.1; +https://example.com/bot)',
      kind: 'bot',
    });
  });

  it('is nothing without a header, or with an empty one', () => {
    const nothing = { browser: null, version: null, platform: null, language: null };
    expect(read(null)).toEqual({ ...nothing, string: null, kind: 'unknown' });
    expect(read('')).toEqual({ ...nothing, string: '', kind: 'unknown' });
  });

  it.each([
    [
      'UTF-8',
      Buffer.from('Caf\u00e9/1.0 \u5317\u4eac \u{1f600}'),
      'Caf\u00e9/1.0 \u5317\u4eac \u{1f600}',
    ],
    ['Latin-1', Buffer.from('Caf\u00e9/1.0', 'latin1'), 'Caf\u00e9/1.0'],
    [
      'UTF-8 that is cut short',
      Buffer.from('Caf\u00e9/1.0 \u00e9').subarray(0, -1),
      'Caf\u00c3\u00a9/1.0 \u00c3',
    ],
    ['ASCII', Buffer.from('Cafe/1.0'), 'Cafe/1.0'],
  ])('is text where its bytes are %s', (_encoding, bytes, string) => {
    // As Node hands headers over.
    expect(read(bytes.toString('latin1')).string).toBe(string);
  });

  it('of UTF-8 has 512 characters, not bytes', () => {
    const agent = '\u5317'.repeat(600);
    const header = Buffer.from(agent).toString('latin1');
    expect(read(header).string).toBe(agent.slice(0, 512));
    expect(read(header).string).toBe(agent.slice(0, 512));
  });

  it('is read from the first 512 characters', () => {
    const agent = `curl/8.4.0 ${'x'.repeat(600)}`;
    expect(read(agent).string).toBe(agent.slice(0, 512));
    expect(read(`${' '.repeat(600)}curl/8.4.0`).browser).toBeNull();
  });

  it('gives the records of one client the same object, which nobody can change', () => {
    expect(read('curl/8.4.0')).toBe(read('curl/8.4.0'));
    expect(Object.isFrozen(read('curl/8.4.0'))).toBe(true);
  });

  it('keeps apart more languages of one client than it remembers', () => {
    const languages = Array.from({ length: 40 }, (_, index) => `x-l${index}`);
    for (const language of [...languages, ...languages])
      expect(reader.read('curl/8.4.0', language)).toMatchObject({ browser: 'curl', language });
  });
});

describe('the language of a client', () => {
  it.each([
    ['de-CH,de;q=0.9,en;q=0.8', 'de-CH'],
    ['en;q=0.5, fr;q=0.9', 'fr'],
    ['en;q=0.7,de;q=0.7', 'en'],
    ['zh-Hans-CN', 'zh-Hans-CN'],
    ['*', null],
    ['*;q=0.9, it;q=0.3', 'it'],
    ['nl;q=0, pt;q=0.001', 'pt'],
    ['nl;q=0', null],
    ['sv ; q = 0.4 , da ; q=0.6', 'da'],
    ['EN-us', 'EN-us'],
    ['', null],
    [';;;,,,q=1', null],
    ['<script>,es', 'es'],
  ])('in %j is %j', (header, language) => {
    expect(read('curl/8.4.0', header).language).toBe(language);
  });
});

describe('a header made to hurt', () => {
  const pieces = [
    'Mozilla/5.0 (',
    'Android ',
    'compatible; ',
    'bot',
    '-',
    '.',
    ' ',
    '(',
    '|x/',
    'w\\',
  ];
  pieces.push('Version/', 'SM-', 'tablet ', 'python ', 'Chrome/', 'a1', '; ', '%20', '\t', 'é');
  const hostile = pieces.flatMap((a) =>
    pieces.flatMap((b) => [
      (a + b).repeat(100_000),
      a.repeat(250) + b.repeat(100_000),
      `Mozilla/5.0 (${(a + b).repeat(50_000)}`,
    ]),
  );

  it('takes milliseconds at most, however long it is', () => {
    let slowest = 0;
    let attempt = 0;
    const timeOf = (header: string) => {
      const started = performance.now();
      read(`${attempt++}${header}`, header);
      return performance.now() - started;
    };
    for (const header of hostile) {
      let time = timeOf(header);
      // A pause of the process is not the parser's: what seems slow is measured again.
      for (let again = 0; again < 4 && time >= 100; again++) time = Math.min(time, timeOf(header));
      slowest = Math.max(slowest, time);
    }
    expect(hostile).toHaveLength(1200);
    // 100 ms would be a defect; hundreds of times what it takes, so that no slow machine fails it.
    expect(slowest).toBeLessThan(100);
  }, 60_000);
});
