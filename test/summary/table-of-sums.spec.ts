import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type UsageRecord, summary, sumStatuses, sumUrls, type UsageSum } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import {
  BucketCalendar,
  byBucket,
  capKeys,
  compareRows,
  mergeIncrements,
  OTHER_KEY,
  Summarizer,
  SummaryTable,
  type SummaryIncrement,
  type SummaryTableQuery,
} from '../../lib/summary/index.js';

const calendar = new BucketCalendar('UTC');
const summarizer = new Summarizer({ summaries: [sumUrls, sumStatuses], timeZone: 'UTC' });

function query(changes: Partial<SummaryTableQuery> & { start?: string; end?: string } = {}) {
  const { start, end, ...rest } = changes;
  const date = (text?: string) => (text === undefined ? null : new Date(text));
  return {
    order: 'date',
    limit: 500,
    offset: 0,
    target: null,
    range: (period) => calendar.range(period, date(start), date(end)),
    ...rest,
  } satisfies SummaryTableQuery;
}

function visit(date: string, path: string, changes: Partial<UsageRecord> = {}): UsageRecord {
  return makeRecord({ date: new Date(date), url: `http://a.b/${path}`, ...changes });
}

describe('A table of sums', () => {
  const table = new SummaryTable();
  table.add(
    summarizer.summarize([
      visit('2026-05-31T23:59:59.999Z', 'a', { speed: 0.5, contentLength: 10 }),
      visit('2026-06-01T10:10Z', 'a', { speed: 0.1, status: 500 }),
      visit('2026-06-01T10:20Z', 'b', { contentLength: 7 }),
      visit('2026-06-01T10:30Z', 'b'),
      visit('2026-06-01T11:00Z', 'c'),
    ]),
  );
  const shown = (sums: UsageSum[]) =>
    sums.map(({ date, key, hits }) => [date.toJSON().slice(0, 13), key.slice(11), hits]);

  it('gives the newest bucket first, and its keys in order', () => {
    const { hour, day, month } = table.sums('url', query());
    expect(shown(hour)).toEqual([
      ['2026-06-01T11', 'c', 1],
      ['2026-06-01T10', 'a', 1],
      ['2026-06-01T10', 'b', 2],
      ['2026-05-31T23', 'a', 1],
    ]);
    expect(shown(day)).toEqual([
      ['2026-06-01T00', 'a', 1],
      ['2026-06-01T00', 'b', 2],
      ['2026-06-01T00', 'c', 1],
      ['2026-05-31T00', 'a', 1],
    ]);
    expect(shown(month).at(-1)).toEqual(['2026-05-01T00', 'a', 1]);
  });

  it('gives all that is summed, in bytes and seconds', () => {
    const [sum] = table.sums(
      'url',
      query({ target: 'http://a.b/a', start: '2026-06-01T10:59Z' }),
    ).day;
    expect(sum).toEqual({
      date: new Date('2026-06-01T00:00Z'),
      key: 'http://a.b/a',
      hits: 1,
      transfer: 512,
      errors: 1,
      duration: 0.1,
      refused: 0,
      aborted: 0,
      firstSeen: new Date('2026-06-01T10:10Z'),
      lastSeen: new Date('2026-06-01T10:10Z'),
      p50: expect.any(Number),
      p95: expect.any(Number),
      p99: expect.any(Number),
    });
    // Within two percent, as all percentiles.
    for (const given of [sum!.p50, sum!.p95, sum!.p99])
      expect(Math.abs(given - 0.1)).toBeLessThanOrEqual(0.002);
  });

  it('gives those with most hits first, then the newest, then by key', () => {
    expect(shown(table.sums('url', query({ order: 'hits' })).hour)).toEqual([
      ['2026-06-01T10', 'b', 2],
      ['2026-06-01T11', 'c', 1],
      ['2026-06-01T10', 'a', 1],
      ['2026-05-31T23', 'a', 1],
    ]);
  });

  it('gives the buckets that hold the start, or overlap the range', () => {
    const hours = (start: string, end?: string) =>
      shown(table.sums('url', query({ start, end })).hour).map(([hour]) => hour);
    expect(hours('2026-06-01T11:59Z')).toEqual(['2026-06-01T11']);
    expect(hours('2026-06-01T12:00Z')).toEqual([]);
    expect(hours('2026-05-31T23:30Z', '2026-06-01T10:00Z')).toEqual([
      '2026-06-01T10',
      '2026-06-01T10',
      '2026-05-31T23',
    ]);
    const { day, month } = table.sums('url', query({ start: '2026-06-01T12:00Z' }));
    expect([day.length, month.length]).toEqual([3, 3]);
  });

  it('gives one page of each period', () => {
    const page = table.sums('url', query({ limit: 2, offset: 2 }));
    expect([page.hour, page.day, page.month].map((sums) => shown(sums).map(([, k]) => k))).toEqual([
      ['b', 'a'],
      ['c', 'a'],
      ['c', 'a'],
    ]);
    expect(table.sums('url', query({ limit: 2, offset: 4 })).hour).toEqual([]);
  });

  it('gives nothing of a dimension or key that it does not know', () => {
    const nothing = { hour: [], day: [], month: [] };
    expect(table.sums('tenant', query())).toEqual(nothing);
    expect(table.sums('url', query({ target: '__proto__' }))).toEqual(nothing);
  });

  it('finds a key that was cut by the text that it was cut from', () => {
    const url = `http://a.b/${'x'.repeat(2000)}`;
    const long = new SummaryTable();
    long.add(summarizer.summarize([makeRecord({ url })]));
    expect(long.sums('url', query({ target: url })).month).toMatchObject([{ hits: 1 }]);
  });

  it('loses the buckets that are taken away, and no others', () => {
    const again = new SummaryTable();
    again.add(table.rows());
    expect(again.rows()).toEqual(table.rows());
    again.remove('hour', { first: null, last: Date.parse('2026-06-01T10:00Z') });
    const { hour, day } = again.sums('url', query());
    expect(shown(hour)).toEqual([['2026-06-01T11', 'c', 1]]);
    expect(day).toEqual(table.sums('url', query()).day);
  });

  it('keeps names of JavaScript’s apart from its own', () => {
    const odd = summary('odd', (record) => record.url);
    const records = ['__proto__', 'constructor', 'size'].map((url) => makeRecord({ url }));
    const own = new SummaryTable();
    own.add(new Summarizer({ summaries: [odd], timeZone: 'UTC' }).summarize(records));
    expect(own.sums('odd', query()).month.map(({ key, hits }) => [key, hits])).toEqual([
      ['__proto__', 1],
      ['constructor', 1],
      ['size', 1],
    ]);
  });
});

describe('The cap on keys', () => {
  const total = (rows: Iterable<SummaryIncrement>) =>
    mergeIncrements([...rows].map((row) => ({ ...row, key: '' })));
  const paths = fc.array(fc.nat(40), { maxLength: 60 });

  it('is never passed, costs no hit, and leaves every row that there was', () => {
    fc.assert(
      fc.property(
        fc.array(paths, { maxLength: 5 }),
        fc.integer({ min: 1, max: 12 }),
        (batches, maxKeys) => {
          const capped = new SummaryTable(maxKeys);
          const free = new SummaryTable();
          for (const batch of batches) {
            const before = new Set(
              capped.rows().map(({ bucket, period, key }) => `${period} ${bucket} ${key}`),
            );
            const increments = summarizer.summarize(
              batch.map((path) => visit('2026-06-01T10:00Z', `${path}`)),
            );
            capped.add(increments);
            free.add(increments);
            const after = new Set(
              capped.rows().map(({ bucket, period, key }) => `${period} ${bucket} ${key}`),
            );
            expect([...before].filter((row) => !after.has(row))).toEqual([]);
          }
          for (const run of byBucket(capped.rows()))
            expect(run.length).toBeLessThanOrEqual(maxKeys);
          expect(total(capped.rows())).toEqual(total(free.rows()));
        },
      ),
      { numRuns: 100 },
    );
  });

  const increment = (key: string, hits = 1): SummaryIncrement => ({
    dimension: 'url',
    period: 'hour',
    bucket: 0,
    key,
    hits,
    transfer: hits,
    errors: 0,
    duration: hits,
    measured: hits,
    refused: 0,
    aborted: 0,
    firstSeen: 7,
    lastSeen: 8,
    latency: new Map([[1, hits]]),
  });
  const keys = (rows: readonly SummaryIncrement[]) => rows.map(({ key, hits }) => [key, hits]);

  it('gives the rows that are left to the new keys with most hits', () => {
    const batch = [increment('a'), increment('b', 3), increment('c', 2), increment('held')];
    expect(keys(capKeys(batch, new Set(['held', 'x']), 4))).toEqual([
      [OTHER_KEY, 3],
      ['b', 3],
      ['held', 1],
    ]);
  });

  it('gives keys of requests without a handler a tenth of the rows, after all others', () => {
    const strange = (key: string, hits = 1) => ({
      ...increment(key, hits),
      unhandled: true as const,
    });
    const batch = [strange('a', 9), increment('b'), strange('c', 8), strange('d'), strange('held')];
    const held = (unhandled: number) => ({
      size: 1,
      unhandled,
      has: (key: string) => key === 'held',
    });
    const capped = (maxKeys: number, taken = 0) => keys(capKeys(batch, held(taken), maxKeys));
    const folded = (hits: number, ...kept: (string | number)[][]) => [[OTHER_KEY, hits], ...kept];
    expect(capKeys(batch, held(0), 30)).toBe(batch);
    expect(capped(20)).toEqual(folded(1, ['a', 9], ['b', 1], ['c', 8], ['held', 1]));
    expect(capped(20, 1)).toEqual(folded(9, ['a', 9], ['b', 1], ['held', 1]));
    expect(capped(20, 2)).toEqual(folded(18, ['b', 1], ['held', 1]));
    expect(capped(9)).toEqual(folded(9, ['a', 9], ['b', 1], ['held', 1]));
    expect(capped(3)).toEqual(folded(18, ['b', 1], ['held', 1]));
    expect(capKeys(batch, held(2), 20)[0]).not.toHaveProperty('unhandled');
  });

  it('changes nothing where all have room', () => {
    const batch = [increment('a'), increment('b')];
    expect(capKeys(batch, new Set(), 3)).toBe(batch);
    expect(capKeys(batch, new Set(['a', 'b', OTHER_KEY]), 3)).toBe(batch);
  });

  it('adds to the rest what counts there already', () => {
    const batch = [increment(OTHER_KEY, 5), increment('a', 2)];
    const capped = capKeys(batch, new Set(['x', OTHER_KEY]), 2);
    expect(keys(capped)).toEqual([[OTHER_KEY, 7]]);
    expect(capped[0]!.latency).toEqual(new Map([[1, 7]]));
    expect([...capped].sort(compareRows)).toEqual(capped);
  });

  it('leaves the rows of a bucket that held more before the cap was lowered', () => {
    const batch = [increment('a'), increment('new')];
    expect(keys(capKeys(batch, new Set(['a', 'b', 'c', 'd']), 2))).toEqual([
      [OTHER_KEY, 1],
      ['a', 1],
    ]);
  });
});
