import { metrics, type Attributes } from '@opentelemetry/api';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import { UsageService, type StorageStats, type UsageRecord } from 'nestjs-track-usage';
import {
  OpenTelemetryWriter,
  type OpenTelemetryWriterOptions,
} from 'nestjs-track-usage/opentelemetry';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { DURATION_BOUNDS_SECONDS } from '../../lib/metrics/shared/http-buckets.js';
import { platforms, startApp } from '../support/platforms.js';
import { startSdk, type Collected } from './support/collected.js';
import { RECORDS_OF_A_ROUND, recordsOf, sendTraffic, shopModule } from './support/shop.js';
import { statsOf } from './support/stats-of.js';

const silent = { log() {}, warn() {}, error() {} };
const DURATION = 'http.server.request.duration';
const { CUMULATIVE, DELTA } = AggregationTemporality;

afterEach(() => metrics.disable());

const opened = async (
  options: OpenTelemetryWriterOptions = {},
  stats?: () => Record<string, StorageStats>,
) => {
  const writer = new OpenTelemetryWriter(options);
  await writer.open({ logger: silent, summaries: [], timeZone: 'UTC', maxKeys: 100, stats });
  return writer;
};

describe.each(platforms)('On $name, the SDK collects what the records say', (platform) => {
  it.each([
    ['registered before the application, cumulative', true, CUMULATIVE],
    ['registered before the application, delta', true, DELTA],
    ['registered after the application has started, cumulative', false, CUMULATIVE],
    ['registered after the application has started, delta', false, DELTA],
  ] as const)('%s', async (_, isBefore, temporality) => {
    const { provider, collect } = startSdk(temporality);
    if (isBefore) metrics.setGlobalMeterProvider(provider);
    const { app, url } = await startApp(shopModule([new OpenTelemetryWriter()]), platform);
    if (!isBefore) metrics.setGlobalMeterProvider(provider);

    await sendTraffic(url);
    const first = await recordsOf(app, RECORDS_OF_A_ROUND);
    expectRecords(await collect(), first, app.get(UsageService).stats().storages);
    await sendTraffic(url);
    const both = await recordsOf(app, 2 * RECORDS_OF_A_ROUND);
    const second = both.slice(0, RECORDS_OF_A_ROUND);
    if (temporality === CUMULATIVE)
      expectRecords(await collect(), both, app.get(UsageService).stats().storages);
    else expectHistograms(await collect(), second);
    await app.close();
    await provider.shutdown();
  });
});

describe('OpenTelemetryWriter', () => {
  it('records in an SDK that is registered later still, and in one that replaces it', async () => {
    const writer = await opened({}, () => ({ sql: statsOf({ seen: 7 }) }));
    await writer.store(makeRecords(1));
    const [first, second] = [startSdk(), startSdk()];
    metrics.setGlobalMeterProvider(first.provider);
    await writer.store(makeRecords(2));
    metrics.disable();
    metrics.setGlobalMeterProvider(second.provider);
    await writer.store(makeRecords(3));
    for (const [{ collect }, count] of [
      [first, 2],
      [second, 3],
    ] as const)
      expect(total(await collect(), DURATION)).toBe(count);
    expect(counts(await second.collect(), 'track_usage.records')).toMatchObject({ 'sql seen ': 7 });
  });

  it('counts a sampled record as the requests that it stands for, in slices', async () => {
    const { provider, collect } = startSdk();
    const writer = await opened({ meterProvider: provider });
    let turns = 0;
    const ticking = setInterval(() => turns++, 0);
    await writer.store([makeRecord({ weight: 50_000, speed: 0.06 }), makeRecord({ weight: 2 })]);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(5);
    expect(total(await collect(), DURATION)).toBe(50_002);
  });

  it('counts a record once, in batches that are sent again and in two writers', async () => {
    const { provider, collect } = startSdk();
    const options = { meterProvider: provider };
    const [one, other] = [await opened(options), await opened(options)];
    const records = makeRecords(3000);
    await Promise.all([one.store(records), one.store(records), other.store(records.slice(9))]);
    other.storeSync([...records, ...makeRecords(1)]);
    expect(total(await collect(), DURATION)).toBe(3001);
  });

  it('leaves out a status that was not sent, and a route that did not match', async () => {
    const { provider, collect } = startSdk();
    const writer = await opened({ meterProvider: provider });
    await writer.store([
      makeRecord({
        status: 499,
        outcome: 'aborted',
        route: null,
        method: 'BREW',
        consumer: 'ada',
        url: 'https://shop.example/x',
      }),
    ]);
    expect((await collect())[DURATION]?.points.map(({ attributes }) => attributes)).toEqual([
      { 'http.request.method': '_OTHER', 'url.scheme': 'https', 'error.type': 'aborted' },
    ]);
  });

  it('names consumers where asked for, up to a cap', async () => {
    const { provider, collect } = startSdk();
    const options = { meterProvider: provider, labels: { consumer: true }, maxConsumers: 1 };
    const writer = await opened(options);
    const consumers = ['ada', 'bob', 'eve', null, 'ada'];
    await writer.store(consumers.map((consumer) => makeRecord({ consumer })));
    const points = (await collect())[DURATION]!.points;
    expect(points.map(({ attributes, value }) => [attributes['consumer'], value])).toEqual([
      ['ada', 2],
      ['(other)', 2],
      [undefined, 1],
    ]);
  });

  it('takes other names', async () => {
    const { provider, collect } = startSdk();
    const names = { [DURATION]: 'shop.requests', 'http.route': 'route', storage: 'db' };
    const writer = await opened({ meterProvider: provider, names }, () => ({ sql: statsOf({}) }));
    await writer.store(makeRecords(1, { route: '/cats' }));
    const collected = await collect();
    expect(collected).not.toHaveProperty([DURATION]);
    expect(collected['shop.requests']?.points[0]?.attributes).toMatchObject({ route: '/cats' });
    expect(collected['track_usage.records']?.points[0]?.attributes).toMatchObject({ db: 'sql' });
  });

  it('adds up the counts of applications one after the other', async () => {
    const { provider, collect } = startSdk();
    for (let run = 1; run <= 3; run++) {
      const writer = await opened({ meterProvider: provider }, () => ({
        sql: statsOf({ seen: 4, stored: 3, dropped: { refused: 1 } }),
      }));
      expect(counts(await collect(), 'track_usage.records')).toMatchObject({
        'sql seen ': 4 * run,
        'sql stored ': 3 * run,
        'sql dropped refused': run,
      });
      await writer.close();
    }
    expect(counts(await collect(), 'track_usage.records.waiting')).toEqual({ 'sql  ': 0 });
  });

  it.each<[string, any, RegExp]>([
    ['a provider that is none', { meterProvider: {} }, /meterProvider: expected a meter provider/],
    ['an undefined one', { meterProvider: undefined }, /meterProvider: .*undefined/],
    ['an unknown name', { names: { 'http.rout': 'x' } }, /Did you mean http\.route\?/],
    ['a name that is none', { names: { [DURATION]: '9' } }, /names\.http.* a name of at most 255/],
  ])('refuses %s', (_, options, message) => {
    expect(() => new OpenTelemetryWriter(options)).toThrow(message);
  });
});

function expectRecords(
  collected: Collected,
  records: readonly UsageRecord[],
  storages: Readonly<Record<string, StorageStats>>,
): void {
  expectHistograms(collected, records);
  const { memory, opentelemetry } = storages;
  expect(counts(collected, 'track_usage.records')).toMatchObject({
    'memory stored ': memory!.stored,
    'opentelemetry seen ': opentelemetry!.seen,
    'opentelemetry dropped overflow': 0,
  });
  expect(counts(collected, 'track_usage.records.waiting')).toEqual({
    'memory  ': 0,
    'opentelemetry  ': 0,
  });
}

function expectHistograms(collected: Collected, records: readonly UsageRecord[]): void {
  const duration = collected[DURATION]!;
  expect(duration.unit).toBe('s');
  const expected = new Map<string, UsageRecord[]>();
  for (const record of records) {
    const key = JSON.stringify(sorted(attributesOf(record)));
    expected.set(key, [...(expected.get(key) ?? []), record]);
  }
  const keys = duration.points.map(({ attributes }) =>
    JSON.stringify(sorted(attributes as Attributes)),
  );
  expect(keys.sort()).toEqual([...expected.keys()].sort());
  for (const { attributes, value, sum, buckets } of duration.points) {
    const those = expected.get(JSON.stringify(sorted(attributes as Attributes)))!;
    expect(value).toBe(those.length);
    expect(sum).toBeCloseTo(
      those.reduce((all, { speed }) => all + speed, 0),
      9,
    );
    expect(buckets.boundaries).toEqual(DURATION_BOUNDS_SECONDS);
    expect(buckets.counts).toEqual(
      [...DURATION_BOUNDS_SECONDS, Infinity].map((bound, at) => {
        const below = DURATION_BOUNDS_SECONDS[at - 1] ?? -1;
        return those.filter(({ speed }) => speed > below && speed <= bound).length;
      }),
    );
  }
  const size = collected['http.server.response.body.size']!;
  expect(size.unit).toBe('By');
  expect(size.points.reduce((all, { value }) => all + value, 0)).toBe(records.length);
  expect(size.points.reduce((all, { sum }) => all + sum, 0)).toBe(
    records.reduce((all, { contentLength }) => all + contentLength, 0),
  );
}

function attributesOf({ method, route, status, outcome }: UsageRecord): Attributes {
  const error = status >= 500 ? String(status) : outcome === 'aborted' ? 'aborted' : undefined;
  return {
    'http.request.method': method === 'PURGE' ? '_OTHER' : method,
    'url.scheme': 'http',
    ...(route !== null && { 'http.route': route }),
    'http.response.status_code': status,
    ...(error !== undefined && { 'error.type': error }),
  };
}

function sorted(attributes: Attributes): [string, unknown][] {
  return Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
}

function total(collected: Collected, name: string): number {
  return collected[name]?.points.reduce((sum, { value }) => sum + value, 0) ?? 0;
}

/** The values by storage, state and reason. */
function counts(collected: Collected, name: string): Record<string, number> {
  return Object.fromEntries(
    (collected[name]?.points ?? []).map(({ attributes: { storage, state, reason }, value }) => [
      [storage, state, reason].join(' '),
      value,
    ]),
  );
}
