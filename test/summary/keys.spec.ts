import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type UsageRecord,
  sumBasic,
  sumBlueprints,
  sumClients,
  sumConsumers,
  sumGeo,
  sumLanguages,
  summary,
  SummaryHook,
  sumReleases,
  sumRemotes,
  sumRoutes,
  sumServer,
  sumStatuses,
  sumUrls,
  sumUserAgents,
  sumVisitors,
} from 'nestjs-track-usage';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import {
  compareKeys,
  keyOf,
  MAX_KEY_LENGTH,
  Summarizer,
  type SummaryKeyError,
} from '../../lib/summary/index.js';

const agent = (browser: string | null, version: string | null, language: string | null = null) => ({
  userAgent: { ...makeRecord().userAgent, browser, version, language },
});
const ipInfo = { country: 'CH', region: null, city: 'Bern', latitude: 46.9, longitude: 7.4 };

describe('A record counts', () => {
  it.each<[string, SummaryHook, Partial<UsageRecord>, string]>([
    ['under its URL without the query', sumUrls, { url: 'http://a.b/c?d=e?f' }, 'http://a.b/c'],
    ['under its URL that has no query', sumUrls, { url: 'http://a.b/c' }, 'http://a.b/c'],
    ['under its address', sumRemotes, { remoteAddr: '2001:db8::7' }, '2001:db8::7'],
    ['under no address', sumRemotes, { remoteAddr: null }, '(none)'],
    ['under browser and version', sumUserAgents, agent('Chrome', '126.0.6478.61'), 'Chrome 126'],
    ['under client and version', sumUserAgents, agent('curl', '8.5.0'), 'curl 8'],
    ['under a version without a dot', sumUserAgents, agent('Firefox', '128'), 'Firefox 128'],
    ['under a browser without version', sumUserAgents, agent('Opera Mini', null), 'Opera Mini'],
    ['under a browser with an empty version', sumUserAgents, agent('Opera', ''), 'Opera'],
    ['under no browser', sumUserAgents, agent(null, '1.2'), '(none)'],
    ['under its language', sumLanguages, agent(null, null, 'de-CH'), 'de-CH'],
    ['under no language', sumLanguages, agent('curl', '8'), '(none)'],
    ['under its server', sumServer, { serverName: 'web-1' }, 'web-1'],
    ['under its visitor', sumVisitors, { visitorId: 'abc' }, 'abc'],
    ['under no visitor', sumVisitors, { visitorId: null }, '(none)'],
    ['under its country', sumGeo, { ipInfo: { ...ipInfo, raw: {} } }, 'CH'],
    ['under no country', sumGeo, { ipInfo: { ...ipInfo, country: null, raw: {} } }, '(none)'],
    ['under no place', sumGeo, { ipInfo: null }, '(none)'],
    ['under method and route', sumRoutes, { method: 'POST', route: '/a/:id' }, 'POST /a/:id'],
    ['under no route', sumRoutes, { method: 'GET', route: null }, '(none)'],
    ['under its status', sumStatuses, { status: 404 }, '404'],
    ['under its consumer', sumConsumers, { consumer: 'acme' }, 'acme'],
    ['under no consumer', sumConsumers, { consumer: null }, '(none)'],
    ['under client and whole version', sumClients, agent('MyShop', '4.12.0'), 'MyShop 4.12.0'],
    ['under a client without version', sumClients, agent('MyShop', null), 'MyShop'],
    ['under no client', sumClients, agent(null, '4.12.0'), '(none)'],
    ['under its release', sumReleases, { release: '4.12.0' }, '4.12.0'],
    ['under no release', sumReleases, { release: null }, '(none)'],
    ['under its blueprint', sumBlueprints, { blueprint: 'CatsController' }, 'CatsController'],
    ['under no blueprint', sumBlueprints, { blueprint: null }, '(none)'],
    ['under a number of one’s own', summary('n', () => 4.5), {}, '4.5'],
    ['under a boolean', summary('b', () => false), {}, 'false'],
    ['under empty text', summary('e', () => ''), {}, ''],
    ['under nothing', summary('u', (record) => record.trackVar?.tenant), {}, '(none)'],
    ['under a variable', summary('t', (r) => r.trackVar?.tenant), vars('acme'), 'acme'],
    ['under a name of JavaScript’s', summary('p', () => '__proto__'), {}, '__proto__'],
  ])('%s', (_name, hook, changes, key) => {
    expect(keysOf(hook, [makeRecord(changes)])).toEqual([key]);
  });

  it('in the five basic dimensions, of ten that are named', () => {
    expect(sumBasic.map((hook) => hook.dimension)).toEqual([
      'url',
      'remote',
      'userAgent',
      'language',
      'server',
    ]);
    expect([sumVisitors, sumGeo, sumRoutes, sumStatuses].map((hook) => hook.dimension)).toEqual([
      'visitor',
      'geo',
      'route',
      'status',
    ]);
  });

  it('together with another whose key is the same as text', () => {
    const hook = summary('mixed', ({ status }) => (status === 200 ? 200 : '200'));
    const records = [makeRecord({ status: 200 }), makeRecord({ status: 201 })];
    const increments = new Summarizer({ summaries: [hook], timeZone: 'UTC' }).summarize(records);
    expect(increments.map(({ key, hits }) => [key, hits])).toEqual(Array(3).fill(['200', 2]));
  });
});

describe('A key', () => {
  it('is text that every store can hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 1100 }), fc.nat(), (text, at) => {
        const odd = `${text.slice(0, at % 1100)}\0\ud800${text}\udc00`;
        const key = keyOf(odd)!;
        expect(Buffer.from(key, 'utf8').toString('utf8')).toBe(key);
        expect(key.length).toBeLessThanOrEqual(MAX_KEY_LENGTH);
        expect(key).not.toContain('\0');
        expect(keyOf(key)).toBe(key);
      }),
    );
  });

  it('is cut between characters', () => {
    const text = `${'a'.repeat(MAX_KEY_LENGTH - 1)}😀`;
    expect(keyOf(text)).toBe('a'.repeat(MAX_KEY_LENGTH - 1));
    expect(keyOf(`a${'😀'.repeat(600)}`)).toBe(`a${'😀'.repeat(511)}`);
  });

  it('is ordered as its UTF-8 is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      {
        numRuns: 2000,
        examples: [
          ['\u{1f600}', '\uffff'],
          ['a', 'ab'],
        ],
      },
    );
  });
});

describe('A key function that fails', () => {
  const failing: [string, SummaryHook['key'], RegExp][] = [
    ['throws', () => thrown(new Error('boom')), /threw Error: boom for record/],
    ['throws nothing', () => thrown(undefined), /threw undefined for record/],
    ['gives an object', () => ({ a: 1 }), /gave no text.* but \{ a: 1 \}/],
    ['gives a list', () => ['a'], /gave no text.* but \[ 'a' \]/],
    ['gives NaN', () => NaN, /gave no text.* but NaN/],
    ['is async', wrong(() => Promise.reject(new Error('late'))), /gave no text.* but Promise/],
    ['gives a symbol', wrong(() => Symbol('s')), /gave no text.* but Symbol\(s\)/],
    ['gives a function', wrong(() => () => 1), /gave no text.* but \[Function/],
    ['gives what cannot be shown', wrong(hostile), /gave no text/],
  ];

  it.each(failing)('because it %s costs no record and is told', (_how, key, message) => {
    const errors: SummaryKeyError[] = [];
    const summarizer = new Summarizer({
      summaries: [sumStatuses, summary('mine', key)],
      timeZone: 'UTC',
      onKeyError: (error) => errors.push(error),
    });
    const increments = summarizer.summarize(makeRecords(3));
    expect(increments.filter(({ period }) => period === 'day')).toMatchObject([
      { dimension: 'mine', key: '(none)', hits: 3 },
      { dimension: 'status', key: '200', hits: 3 },
    ]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ name: 'SummaryKeyError', dimension: 'mine', count: 1 });
    expect(errors[0]!.message).toMatch(message);
    expect(errors[0]!.message).toContain("summary('mine', …)");
  });

  const same = {};

  it.each<[string, SummaryHook['key']]>([
    ['throws', () => thrown(new Error('boom'))],
    ['gives NaN', () => NaN],
    ['gives one object', () => same],
  ])('because it %s is told of the 1st, 10th and 100th time, over all batches', (_how, key) => {
    const counts: number[] = [];
    const summarizer = new Summarizer({
      summaries: [summary('mine', key)],
      timeZone: 'UTC',
      onKeyError: ({ count }) => counts.push(count),
    });
    for (let i = 0; i < 30; i++) summarizer.summarize(makeRecords(5));
    expect(counts).toEqual([1, 10, 100]);
  });

  it('costs no record either where nobody listens, or the listener throws', () => {
    const summaries = [summary('mine', () => thrown(new Error('boom')))];
    const records = makeRecords(2);
    for (const onKeyError of [undefined, () => thrown(new Error('deaf'))])
      expect(
        new Summarizer({ summaries, timeZone: 'UTC', onKeyError }).summarize(records)[0],
      ).toMatchObject({ key: '(none)', hits: 2 });
  });
});

function keysOf(hook: SummaryHook, records: UsageRecord[]): string[] {
  const increments = new Summarizer({ summaries: [hook], timeZone: 'UTC' }).summarize(records);
  return increments.filter(({ period }) => period === 'hour').map(({ key }) => key);
}

function vars(tenant: string): Partial<UsageRecord> {
  return { trackVar: { tenant } };
}

function thrown(error: unknown): never {
  throw error;
}

/** A function that the types forbid, as a user in JavaScript may write it. */
function wrong(key: () => unknown): SummaryHook['key'] {
  return key as SummaryHook['key'];
}

function hostile(): unknown {
  return new Proxy({}, { get: () => thrown(new Error('no')), ownKeys: () => thrown('no') });
}
