import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EnrichmentOptions, UsageRecord } from 'nestjs-track-usage';
import { RecordBuilder } from '../../lib/enrichment/index.js';
import { captured } from './captured.js';

const bytes = fc.uint8Array({ maxLength: 3000 }).map((b) => Buffer.from(b).toString('latin1'));
const units = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 1500 })
  .map((codes) => String.fromCharCode(...codes));
const piece = fc.constantFrom(
  ...['?', '#', '&', '=', ';', '%', '%25', '%3F', '%3D', '%00', '%ff', '//', '@', ':', '/', '+'],
  ...['token', '__proto__', '$where', 'a.b', '{"', '":', '[', ']', 'http://', '\ud800', '\0', 'x'],
);
const soup = fc.array(piece, { maxLength: 400 }).map((pieces) => pieces.join(''));
const text = fc.oneof(bytes, units, soup, fc.constant('x'.repeat(20_000)));
const textOrNull = fc.option(text);
const args = fc.dictionary(text, fc.oneof(text, fc.array(text, { maxLength: 5 })), { maxKeys: 5 });

const request = fc
  .record({
    url: fc.oneof(
      text,
      text.map((target) => `http://shop.example/${target}`),
    ),
    route: fc.option(fc.oneof(text, fc.constant('/cats/:token'))),
    viewArgs: fc.option(args),
    remoteAddr: textOrNull,
    xForwardedFor: textOrNull,
    referrer: textOrNull,
    username: textOrNull,
    userAgent: textOrNull,
    acceptLanguage: textOrNull,
    trackVar: fc.option(fc.object({ maxDepth: 4, withBigInt: true, withDate: true, key: text })),
  })
  .map((changes) => captured(changes as Parameters<typeof captured>[0]));

const options: fc.Arbitrary<EnrichmentOptions> = fc.record({
  ip: fc.constantFrom('full' as const, 'masked' as const, 'none' as const),
  redact: fc.constantFrom(false as const, undefined, ['token', 'x']),
});

const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...stringsIn(inner)]);
}

function expectWellFormed(record: UsageRecord): void {
  const { url, path, date, ...rest } = record;
  for (const string of [url, path, ...stringsIn(rest)]) expect(string).not.toMatch(UNSTORABLE);
  expect(Math.max(url.length, path.length)).toBeLessThanOrEqual(2048);
  for (const string of stringsIn(rest)) expect(string.length).toBeLessThanOrEqual(1024);
  expect(record.userAgent.string?.length ?? 0).toBeLessThanOrEqual(512);
  for (const kept of [record.urlArgs, record.viewArgs ?? {}]) {
    expect(Object.values(kept).flat().length).toBeLessThanOrEqual(50);
  }
  expect(isDeepStrictEqual(JSON.parse(JSON.stringify(rest)), rest)).toBe(true);
  expect(date).toBeInstanceOf(Date);
}

describe('whatever a client sends', () => {
  it('becomes one record that is well formed, within its limits, and survives JSON', () => {
    fc.assert(
      fc.property(request, options, (input, chosen) => {
        const lost: unknown[] = [];
        const builder = new RecordBuilder(chosen, { dropped: (_, __, error) => lost.push(error) });
        const record = builder.build(input);
        expect(lost).toEqual([]);
        expectWellFormed(record as UsageRecord);
      }),
      { numRuns: 500 },
    );
  });

  it('is built into the same record twice', () => {
    fc.assert(
      fc.property(request, options, (input, chosen) => {
        const builder = new RecordBuilder(chosen);
        expect(isDeepStrictEqual(builder.build(input), builder.build(input))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('loses a value under a secret name, however the pair is written', () => {
    const secret = fc.stringMatching(/^[a-z]{12,20}$/).map((letters) => `Q${letters}Z`);
    const name = fc.constantFrom('token', 'api_key', 'userPassword', 'x[secret]');
    const junk = soup.map((pieces) => pieces.replaceAll('#', ''));
    fc.assert(
      fc.property(name, secret, junk, junk, (key, value, before, after) => {
        const url = `http://shop.example/x?${before}&${key}=${value}&${after}`;
        const record = new RecordBuilder().build(captured({ url, route: null, viewArgs: null }));
        expect(JSON.stringify(record)).not.toContain(value);
      }),
      { numRuns: 500 },
    );
  });
});
