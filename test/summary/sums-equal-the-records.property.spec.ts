import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type UsageRecord,
  sumBasic,
  sumGeo,
  summary,
  sumRoutes,
  sumStatuses,
  sumVisitors,
} from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import {
  compareRows,
  latencySlot,
  mergeIncrements,
  Summarizer,
  SummaryTable,
  toUsageSum,
  type SummaryIncrement,
} from '../../lib/summary/index.js';
import { bruteForce, DIMENSIONS, rowNames } from './brute-force.js';
import { traffic, trafficRecord } from './traffic.js';
import { propertyRuns } from '../support/property-runs.js';

const SUMMARIES = [
  ...sumBasic,
  sumVisitors,
  sumGeo,
  sumRoutes,
  sumStatuses,
  summary('tenant', (record) => record.trackVar?.tenant),
];

const ZONES = [
  'UTC',
  'Europe/Zurich',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Asia/Beirut',
  'Pacific/Apia',
];

describe('The increments of random traffic in random batches', () => {
  it.each(ZONES)('are together what a count over the records gives, in %s', (timeZone) => {
    const name = rowNames(timeZone);
    fc.assert(
      fc.property(traffic, (batches) => {
        const summarizer = new Summarizer({ summaries: SUMMARIES, timeZone });
        const merged = mergeIncrements(batches.flatMap((batch) => summarizer.summarize(batch)));
        const expected = bruteForce(batches.flat(), timeZone);

        const named = merged
          .map((r) => ({ ...r, row: name(r.dimension, r.period, r.bucket, r.key) }))
          .sort((a, b) => (a.row < b.row ? -1 : 1));
        expect(
          named.map((row) => [
            ...[row.row, row.hits, row.transfer, row.errors, row.duration, row.refused],
            ...[row.aborted, row.firstSeen, row.lastSeen],
          ]),
        ).toEqual(
          expected.map((row) => [
            ...[row.row, row.hits, row.transfer, row.errors, row.micros, row.refused],
            ...[row.aborted, row.firstSeen, row.lastSeen],
          ]),
        );
        expect(named.map(({ measured }) => measured)).toEqual(named.map(({ hits }) => hits));
        for (const [index, increment] of named.entries()) {
          const { latencies } = expected[index]!;
          expect(slots(increment)).toEqual(latencies.map(latencySlot));
          const sum = toUsageSum(increment);
          for (const [percent, got] of [
            [50, sum.p50],
            [95, sum.p95],
            [99, sum.p99],
          ] as const) {
            const exact = latencies[Math.ceil((percent * latencies.length) / 100) - 1]! / 1e6;
            expect(Math.abs(got - exact)).toBeLessThanOrEqual(0.02 * exact);
          }
        }
      }),
      { numRuns: propertyRuns(25) },
    );
  });

  it('are the same sums however the records are split and ordered', () => {
    fc.assert(
      fc.property(traffic, fc.array(fc.nat()), fc.constantFrom(...ZONES), (batches, cuts, zone) => {
        const summarizer = new Summarizer({ summaries: SUMMARIES, timeZone: zone });
        const all = batches.flat();
        const shuffled = all
          .map((record, i) => ({ record, rank: (cuts[i % (cuts.length || 1)] ?? 0) % 97 }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ record }) => record);
        const atOnce = mergeIncrements(summarizer.summarize(shuffled));
        const inBatches = mergeIncrements(batches.flatMap((batch) => summarizer.summarize(batch)));
        expect(inBatches).toEqual(atOnce);
      }),
      { numRuns: propertyRuns(40) },
    );
  });

  it('come each row once, in one order everywhere', () => {
    fc.assert(
      fc.property(fc.array(trafficRecord, { maxLength: 60 }), (records) => {
        const increments = new Summarizer({
          summaries: SUMMARIES,
          timeZone: 'Europe/Zurich',
        }).summarize(records);
        for (const [index, increment] of increments.entries())
          if (index > 0) expect(compareRows(increments[index - 1]!, increment)).toBeLessThan(0);
        if (records.length)
          expect(new Set(increments.map(({ dimension }) => dimension)).size).toBe(
            DIMENSIONS.length,
          );
      }),
      { numRuns: propertyRuns(50) },
    );
  });

  it('are not changed by what is done with them later', () => {
    const summarizer = new Summarizer({ summaries: SUMMARIES, timeZone: 'UTC' });
    const record = makeRecord();
    const increments = summarizer.summarize([record]);
    const before = structuredClone(increments);
    const table = new SummaryTable();
    table.add(increments);
    table.add(increments);
    mergeIncrements([...increments, ...increments]);
    expect(increments).toEqual(before);
  });

  it('are none where nothing is kept or nothing came', () => {
    expect(new Summarizer({ summaries: [], timeZone: 'UTC' }).summarize([makeRecord()])).toEqual(
      [],
    );
    expect(new Summarizer({ summaries: SUMMARIES, timeZone: 'UTC' }).summarize([])).toEqual([]);
  });
});

describe('A record of a sample', () => {
  const summarizer = new Summarizer({ summaries: [sumStatuses], timeZone: 'UTC' });
  const summed = (records: UsageRecord[]) =>
    mergeIncrements(summarizer.summarize(records)).find(({ period }) => period === 'day')!;

  it('counts as often as it stands for', () => {
    const records = [
      makeRecord({ weight: 4, contentLength: 10, speed: 0.5, status: 500 }),
      makeRecord({ weight: 1, contentLength: 1, speed: 0.25, status: 500 }),
    ];
    expect(summed(records)).toMatchObject({
      hits: 5,
      transfer: 41,
      errors: 5,
      duration: 2_250_000,
      refused: 0,
      aborted: 0,
    });
    const refused = makeRecord({ weight: 3, status: 499, outcome: 'aborted' });
    expect(summed([refused])).toMatchObject({ hits: 3, errors: 0, refused: 3, aborted: 3 });
    expect([...summed(records).latency.values()].sort()).toEqual([1, 4]);
  });

  it('counts a whole number of times, on average its weight, and always the same', () => {
    const weight = 1 / 0.3;
    const records = Array.from({ length: 20_000 }, () =>
      makeRecord({ weight, date: new Date('2026-06-01T00:00Z') }),
    );
    const { hits, transfer, latency } = summed(records);
    expect(Number.isInteger(hits)).toBe(true);
    // Six standard deviations of the sum of that many draws.
    expect(Math.abs(hits - weight * 20_000)).toBeLessThan(6 * Math.sqrt(20_000 * (2 / 9)));
    expect(transfer).toBe(hits * 512);
    expect([...latency.values()]).toEqual([hits]);
    expect(summed(records).hits).toBe(hits);
    expect(summed([records[0]!]).hits === 3 || summed([records[0]!]).hits === 4).toBe(true);
  });

  it('counts once where the weight makes no sense', () => {
    for (const weight of [0, -3, NaN, Infinity, undefined as unknown as number])
      expect(summed([makeRecord({ weight })]).hits).toBe(1);
  });

  it('adds nothing where a measure makes no sense', () => {
    const record = makeRecord({ speed: NaN, contentLength: -1 });
    expect(summed([record])).toMatchObject({ hits: 1, transfer: 0, duration: 0 });
  });
});

function slots({ latency }: SummaryIncrement): number[] {
  return [...latency]
    .sort(([a], [b]) => a - b)
    .flatMap(([slot, count]) => Array<number>(count).fill(slot));
}
