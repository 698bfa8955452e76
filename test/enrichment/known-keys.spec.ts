import { describe, expect, it } from 'vitest';
import type { CapturedRequest } from '../../lib/record/captured-request.js';
import { RecordBuilder } from '../../lib/enrichment/index.js';
import { captured } from './captured.js';
import { KNOWN_KEYS, NO_KEYS } from './known-keys.js';

const builder = new RecordBuilder();
const build = (changes: Partial<CapturedRequest>, by = builder) => {
  const record = by.build(captured(changes));
  if (!record) throw new Error('No record was built.');
  return record;
};

const encode = encodeURIComponent;
const everyByte = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const shop = (target: string): Partial<CapturedRequest> => ({
  url: `https://shop.example${target}`,
  route: null,
  viewArgs: null,
});

/** Where a key can stand under a name that says nothing of it. */
const PLACES: Record<string, (key: string) => Partial<CapturedRequest>> = {
  'the path': (key) => shop(`/v1/${key}/cats`),
  'the path, after a word': (key) => shop(`/v1/cat-${key}`),
  'the path, encoded': (key) => shop(`/v1/${everyByte(key)}/cats?x=1`),
  'the path, with an encoded underscore': (key) =>
    shop(`/v1/${key.replaceAll('_', '%5F').replaceAll('-', '%2d')}`),
  'the path, encoded in part': (key) => shop(`/v1/${key.slice(0, -6)}${everyByte(key.slice(-6))}`),
  'a query, encoded in part': (key) =>
    shop(`/cats?q=${key.slice(0, -6)}${everyByte(key.slice(-6))}`),
  'the path, after an encoded sign': (key) => shop(`/v1/a%3A${key}`),
  'a URL in the path': (key) => shop(`/proxy/https://other.example/${key}`),
  'a query': (key) => shop(`/cats?page=1&q=${key}&limit=5`),
  'a query, encoded': (key) => shop(`/cats?q=${everyByte(key)}`),
  'a query, encoded twice': (key) => shop(`/cats?q=${encode(everyByte(key))}`),
  'a query, in a sentence': (key) => shop(`/cats?q=${encode(`is "${key}" mine?`)}`),
  'a query, without a name': (key) => shop(`/cats?${key}`),
  'a query, as a name': (key) => shop(`/cats?${key}=1`),
  'a query, as an encoded name': (key) => shop(`/cats?${everyByte(key)}=1`),
  'the path of a URL in a query': (key) =>
    shop(`/cats?next=${encode(`https://other.example/${key}/x`)}`),
  'JSON in a query': (key) => shop(`/cats?filter=${encode(JSON.stringify({ a: [key] }))}`),
  'JSON in a query, escaped': (key) =>
    shop(`/cats?filter=${encode(`{"a":"\\u000a${key.replaceAll('_', '\\u005f')}"}`)}`),
  'a matrix parameter': (key) => shop(`/cats;v=${key}/1`),
  'the fragment': (key) => shop(`/cats#${key}`),
  'the host': (key) => ({ ...shop(''), url: `https://${key}.example/cats` }),
  'a route parameter': (key) => ({
    ...shop(`/cats/${key}`),
    route: '/cats/:id',
    viewArgs: { id: key },
  }),
  'a wildcard': (key) => ({
    ...shop(`/files/a/${key}`),
    route: '/files/*path',
    viewArgs: { path: `a/${key}` },
  }),
  'the referrer': (key) => ({ referrer: `https://a.example/${key}?a=${key}#${key}` }),
  'a variable': (key) => ({ trackVar: { plan: key, list: [{ deep: `x ${key}` }] } }),
  'the name of a variable': (key) => ({ trackVar: { [key]: 1, deep: { [key]: true } } }),
  'JSON in a variable': (key) => ({ trackVar: { body: JSON.stringify({ a: `\n${key}` }) } }),
  'the user name': (key) => ({ username: key }),
  'the user name, encoded': (key) => ({ username: everyByte(key) }),
  'the user agent': (key) => ({ userAgent: `shop-sync/1.0 (${key})` }),
  'the user agent alone': (key) => ({ userAgent: key }),
  'X-Forwarded-For': (key) => ({ xForwardedFor: `${key}, 203.0.113.9` }),
};

function readings(value: unknown): string {
  let text = JSON.stringify(value);
  let all = text;
  for (let level = 0; level < 4; level++) {
    text = text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
      Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('latin1'),
    );
    all += `\n${text}`;
  }
  return all;
}

describe('a key of a known form', () => {
  it.each(Object.entries(KNOWN_KEYS))(
    'does not reach the record, wherever it stands: %s',
    (_, key) => {
      // What follows the prefix: no part of it may stay.
      const secret = key.slice(-8, -1);
      for (const [place, position] of Object.entries(PLACES)) {
        const record = build(position(key));
        expect(readings(record), place).not.toContain(secret);
        expect(JSON.stringify(record), place).toContain('[redacted]');
      }
    },
  );

  it('leaves what stands around it', () => {
    const key = KNOWN_KEYS['GitHub']!;
    expect(
      build({
        url: `https://shop.example/v1/${key}/cats?page=2&q=${key}&sort=-name`,
        route: '/v1/:any/cats',
        viewArgs: { any: key },
        username: key,
        userAgent: `shop-sync/1.0 (${key})`,
        trackVar: { plan: 'pro', note: `from ${key}, again` },
      }),
    ).toMatchObject({
      url: 'https://shop.example/v1/[redacted]/cats?page=2&q=[redacted]&sort=-name',
      path: '/v1/[redacted]/cats',
      viewArgs: { any: '[redacted]' },
      urlArgs: { page: '2', q: '[redacted]', sort: '-name' },
      username: '[redacted]',
      userAgent: { browser: 'shop-sync', string: 'shop-sync/1.0 ([redacted])' },
      trackVar: { plan: 'pro', note: 'from [redacted], again' },
    });
  });

  it('leaves no half of itself where a text is cut', () => {
    const key = KNOWN_KEYS['a signed JWT']!;
    for (const limit of [512, 1024, 2048, 4096])
      for (let before = 1; before < key.length + 20; before += 3) {
        const pad = `${'x'.repeat(limit - before)} `;
        const path = pad.replace(/ $/, '/');
        const record = build({
          url: `https://shop.example/${path}${key}?pad=${path}${key}`,
          referrer: `https://a.example/${path}${key}`,
          username: pad + key,
          userAgent: pad + key,
          trackVar: { text: pad + key },
          route: null,
          viewArgs: null,
        });
        expect(JSON.stringify(record), `${before} before ${limit}`).not.toContain('eyJ');
      }
  });

  it('is taken out where names are those of the application, and left where none are', () => {
    const key = KNOWN_KEYS['Stripe, live']!;
    const own = build(
      { ...shop(`/a/${key}`), username: key },
      new RecordBuilder({ redact: ['iban'] }),
    );
    expect(own).toMatchObject({ path: '/a/[redacted]', username: '[redacted]' });
    const off = build(
      { ...shop(`/a/${key}`), username: key, userAgent: key },
      new RecordBuilder({ redact: false }),
    );
    expect(off).toMatchObject({ path: `/a/${key}`, username: key, userAgent: { string: key } });
  });
});

describe('what only looks like a key', () => {
  it.each(NO_KEYS)('stays as it is: %s', (text) => {
    const record = build({
      ...shop(`/a/${encode(text)}?q=${encode(text)}`),
      username: text,
      userAgent: `x (${text})`,
      trackVar: { text },
    });
    expect(JSON.stringify(record)).not.toContain('[redacted]');
    expect(record).toMatchObject({ urlArgs: { q: text }, username: text, trackVar: { text } });
  });
});

describe('a text made to hurt the search for keys', () => {
  const pieces = ['eyJ', '-', '_', '.', 'sk_live_', 'a', 'ghp_', 'SG.', 'AKIA', '%3D', '\\n', '{"'];
  pieces.push('-----BEGIN PRIVATE KEY-----', 're_', 'pat', '1234567890:AA', 'key-', '=', '?', '//');
  pieces.push('token', '@', ':', ' ');

  it('takes milliseconds at most', () => {
    let slowest = 0;
    const timeOf = (text: string) => {
      const started = performance.now();
      build({
        url: `https://shop.example/${text}?q=${text}`,
        username: text,
        trackVar: { text },
        route: null,
        viewArgs: null,
      });
      return performance.now() - started;
    };
    for (const a of pieces)
      for (const b of pieces) {
        const text = (a + b).repeat(Math.ceil(10_000 / (a + b).length));
        let time = timeOf(text);
        // A pause of the process is not the search's: what seems slow is measured again.
        for (let again = 0; again < 4 && time >= 100; again++) time = Math.min(time, timeOf(text));
        slowest = Math.max(slowest, time);
      }
    expect(slowest).toBeLessThan(100);
  }, 60_000);
});
