import type { StorageStats } from 'nestjs-track-usage';
import { PrometheusWriter, type PrometheusWriterOptions } from 'nestjs-track-usage/prometheus';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { Counter, register, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { platforms, startApp } from '../support/platforms.js';
import { shopModule } from './support/shop.js';
import { statsOf } from './support/stats-of.js';

const silent = { log() {}, warn() {}, error() {} };
const COUNT = 'http_server_request_duration_seconds_count';

let registry: Registry<any>;
beforeEach(() => void (registry = new Registry()));
afterEach(() => register.clear());

async function opened(
  options: PrometheusWriterOptions = {},
  stats?: () => Record<string, StorageStats>,
): Promise<PrometheusWriter> {
  const writer = new PrometheusWriter({ registry, ...options });
  await writer.open({ logger: silent, summaries: [], timeZone: 'UTC', maxKeys: 100, stats });
  return writer;
}

/** The lines of a metric by their labels, as they are scraped. */
async function lines(
  name: string,
  from: Registry<any> = registry,
): Promise<Record<string, number>> {
  const text = await from.metrics();
  const found = text.matchAll(/^(\w+)(?:\{(.*?)\})? (\S+)( # .*)?$/gm);
  return Object.fromEntries(
    [...found].flatMap(([, metric, labels = '', value]) =>
      metric === name ? [[labels, Number(value)]] : [],
    ),
  );
}

const total = async (name: string, from?: Registry<any>) =>
  Object.values(await lines(name, from)).reduce((sum, each) => sum + each, 0);

describe('PrometheusWriter', () => {
  it('counts in the default registry of prom-client, without one given', async () => {
    const writer = new PrometheusWriter();
    await writer.open({ logger: silent, summaries: [], timeZone: 'UTC', maxKeys: 100 });
    await writer.store(makeRecords(3));
    expect(await total(COUNT, register)).toBe(3);
  });

  it('counts a sampled record as the requests that it stands for', async () => {
    const writer = await opened();
    await writer.store([
      makeRecord({ weight: 40, speed: 0.06, contentLength: 300 }),
      makeRecord({ weight: 2, speed: 20, contentLength: 0 }),
    ]);
    expect(await total(COUNT)).toBe(42);
    expect(await total('http_server_request_duration_seconds_sum')).toBeCloseTo(42.4, 9);
    expect(await total('http_server_response_body_size_bytes_sum')).toBe(12_000);
    const buckets = await lines('http_server_request_duration_seconds_bucket');
    const reached = Object.entries(buckets).map(([labels, value]) => [
      /le="(.*?)"/.exec(labels)?.[1],
      value,
    ]);
    expect(Object.fromEntries(reached)).toMatchObject({ 0.05: 0, 0.075: 40, 10: 40, '+Inf': 42 });
  });

  it('counts a record once, in batches that are sent again and in two writers', async () => {
    const [one, other] = [await opened(), await opened()];
    const records = makeRecords(12_000);
    await one.store(records);
    await one.store(records.slice(5));
    await other.store([...records.slice(-10), ...makeRecords(1)]);
    one.storeSync(records);
    expect(await total(COUNT)).toBe(12_001);
    expect(await total('http_server_response_body_size_bytes_count')).toBe(12_001);
  });

  it('bounds its labels: methods, unmatched routes, and consumers only where asked for', async () => {
    const writer = await opened();
    await writer.store([
      makeRecord({ method: 'get', route: null, consumer: 'ada', url: 'https://shop.example/x' }),
      makeRecord({ method: 'BREW', route: null, consumer: 'bob', url: 'https://shop.example/y' }),
    ]);
    expect(Object.keys(await lines(COUNT))).toEqual([
      'http_request_method="_OTHER",url_scheme="https",http_route="(none)",http_response_status_code="200"',
    ]);
  });

  it('gives the first consumers a label and the others one, in all writers together', async () => {
    const options = { labels: { consumer: true }, maxConsumers: 2 };
    const [one, other] = [await opened(options), await opened(options)];
    const by = (consumer: string | null) => makeRecord({ consumer });
    await one.store([by('ada'), by('(other)'), by('eve'), by(null)]);
    await other.store([by('joe'), by('ada'), by(null)]);
    const counts = Object.entries(await lines(COUNT));
    expect(
      Object.fromEntries(counts.map(([labels, n]) => [/consumer="(.*)"/.exec(labels)?.[1], n])),
    ).toEqual({
      ada: 2,
      '\\\\(other)': 1,
      '(other)': 2,
      '(none)': 2,
    });
  });

  it('renames metrics and labels for dashboards that exist', async () => {
    const writer = await opened(
      {
        names: {
          http_server_request_duration_seconds: 'http_request_duration_seconds',
          http_request_method: 'method',
          http_response_status_code: 'status_code',
          http_route: 'path',
          track_usage_records_total: 'usage_total',
          storage: 'db',
        },
      },
      () => ({ sql: statsOf({ seen: 3, stored: 3 }) }),
    );
    await writer.store([makeRecord({ method: 'GET', route: '/cats/:id' })]);
    expect(await lines('http_request_duration_seconds_count')).toEqual({
      'method="GET",url_scheme="http",path="/cats/:id",status_code="200"': 1,
    });
    expect(await lines('usage_total')).toMatchObject({ 'db="sql",state="seen"': 3 });
    expect(await lines(COUNT)).toEqual({});
  });

  it('gives the latest trace of a bucket to a registry that speaks OpenMetrics', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const date = new Date(1_700_000_000_000);
    const writer = await opened({}, () => ({ sql: statsOf({ seen: 1 }) }));
    await writer.store([
      makeRecord({ traceId, date, speed: 0.03, contentLength: 9 }),
      makeRecord({ traceId: null, speed: 0.03, contentLength: 9 }),
    ]);
    expect(await registry.metrics()).not.toContain(traceId);
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const text = await registry.metrics();
    expect(text).toMatch(
      new RegExp(`_seconds_bucket{le="0.05",.*} 2 # {trace_id="${traceId}"} 0.03 1700000000.03\n`),
    );
    expect(text).toMatch(
      new RegExp(`_bytes_bucket{le="256",.*} 2 # {trace_id="${traceId}"} 9 1700000000.03\n`),
    );
    expect(text.match(/# \{/g)).toHaveLength(2);
    expect(text).toMatch(/^# TYPE track_usage_records counter$/m);
    expect(text).toMatch(/^track_usage_records_total\{storage="sql",state="seen"\} 1$/m);
  });

  it('begins anew where the registry is reset', async () => {
    let seen = 5;
    const writer = await opened({}, () => ({ sql: statsOf({ seen }) }));
    await writer.store(makeRecords(5));
    registry.resetMetrics();
    seen = 7;
    await writer.store(makeRecords(2));
    expect(await total(COUNT)).toBe(2);
    expect(await lines('track_usage_records_total')).toMatchObject({
      'storage="sql",state="seen"': 2,
    });
  });
});

describe('The counts of storages', () => {
  it('say what was seen, stored and dropped, by reason, and what waits', async () => {
    await opened({}, () => ({
      sql: statsOf({ seen: 10, stored: 4, waiting: 3, dropped: { refused: 2, overflow: 1 } }),
    }));
    expect(await lines('track_usage_records_total')).toEqual({
      'storage="sql",state="seen"': 10,
      'storage="sql",state="stored"': 4,
      'storage="sql",state="dropped",reason="overflow"': 1,
      'storage="sql",state="dropped",reason="refused"': 2,
      'storage="sql",state="dropped",reason="shutdown"': 0,
      'storage="sql",state="dropped",reason="unreadable"': 0,
      'storage="sql",state="dropped",reason="closed"': 0,
      'storage="sql",state="dropped",reason="anonymize"': 0,
      'storage="sql",state="dropped",reason="enrichment"': 0,
    });
    expect(await lines('track_usage_records_waiting')).toEqual({ 'storage="sql"': 3 });
  });

  it('add up over applications one after the other, and never fall', async () => {
    for (let run = 1; run <= 3; run++) {
      const { app, url } = await startApp(
        shopModule([new PrometheusWriter({ registry })]),
        platforms[0]!,
      );
      await fetch(`${url}/cats/1`);
      await app.close();
      const counts = await lines('track_usage_records_total');
      for (const state of ['seen', 'stored'])
        for (const storage of ['memory', 'prometheus'])
          expect(counts[`storage="${storage}",state="${state}"`]).toBe(run);
      expect(await total(COUNT)).toBe(run);
    }
  });

  it('stay when the application has closed, and count its last records', async () => {
    const last = { sql: statsOf({ seen: 9, stored: 7, waiting: 2 }) };
    const stats = () => last;
    const [writer, twin] = [await opened({}, stats), await opened({}, stats)];
    await writer.close();
    await twin.close();
    const next = await opened({}, () => ({ sql: statsOf({ seen: 1, stored: 1 }) }));
    const seen = async () =>
      (await lines('track_usage_records_total'))['storage="sql",state="seen"'];
    expect(await seen()).toBe(10);
    last.sql = statsOf({ seen: 9, stored: 9 });
    expect(await seen()).toBe(10);
    last.sql = statsOf({ seen: 0 });
    expect(await seen()).toBe(10);
    expect(await lines('track_usage_records_waiting')).toEqual({ 'storage="sql"': 0 });
    await next.close();
  });
});

describe('A mistake stops the start and says what to do', () => {
  it.each<[string, any, RegExp]>([
    [
      'a registry that is none',
      { registry: {} },
      /registry: expected a registry of prom-client.*got \{\}/,
    ],
    ['an undefined registry', { registry: undefined }, /registry: expected .*undefined/],
    [
      'a name that is not known',
      { names: { http_rout: 'path' } },
      /names: .*'http_rout'.*Did you mean http_route\?/,
    ],
    [
      'a name that Prometheus does not take',
      { names: { http_route: '9' } },
      /names\.http_route: .*letters/,
    ],
    ['a reserved label', { names: { http_route: 'le' } }, /names\.http_route: .*neither le nor/],
    [
      'one name twice',
      { names: { http_route: 'url_scheme' } },
      /names\.http_route: .*other than that of url_scheme/,
    ],
    [
      'an unknown label',
      { labels: { username: true } },
      /labels: expected no other label than consumer/,
    ],
    ['a cap that is none', { maxConsumers: 0 }, /maxConsumers: expected a whole number from 1/],
  ])('%s', (_, options, message) => {
    expect(() => new PrometheusWriter(options)).toThrow(message);
  });

  it('a metric of somebody else under the same name, and nothing is registered', async () => {
    new Counter({ name: 'track_usage_records_waiting', help: 'Theirs.', registers: [registry] });
    await expect(opened()).rejects.toThrow(
      /has a metric track_usage_records_waiting already.*names: \{/,
    );
    expect(registry.getMetricsAsArray()).toHaveLength(1);
  });

  it('a second writer with other labels', async () => {
    await opened();
    await expect(opened({ labels: { consumer: true } })).rejects.toThrow(
      /the same labels and names/,
    );
  });
});
