import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { INestApplication } from '@nestjs/common';
import { UsageService, type UsageRecord } from 'nestjs-track-usage';
import { PrometheusWriter } from 'nestjs-track-usage/prometheus';
import { Registry } from 'prom-client';
import { interpolated, readDashboard } from './support/dashboards.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DURATION_BOUNDS_SECONDS } from '../../lib/metrics/shared/http-buckets.js';
import { platforms, startApp } from '../support/platforms.js';
import { describeWithProgram } from '../support/programs.js';
import {
  startPrometheus,
  type Answer,
  type PrometheusServer,
} from './support/prometheus-server.js';
import { RECORDS_OF_A_ROUND, recordsOf, sendTraffic, shopModule } from './support/shop.js';

const ROUNDS = 3;
const TOTAL = RECORDS_OF_A_ROUND * ROUNDS;

interface Shop {
  readonly app: INestApplication;
  readonly url: string;
  readonly instance: string;
  records: UsageRecord[];
  scraped: string;
}

describeWithProgram(['prometheus'], 'A real Prometheus server', (program) => {
  let server: PrometheusServer;
  const shops = new Map<string, Shop>();

  beforeAll(async () => {
    for (const platform of platforms) {
      const registry = new Registry();
      const shop = shopModule([new PrometheusWriter({ registry })], { registry });
      const { app, url } = await startApp(shop, platform);
      const instance = new URL(url).host;
      shops.set(platform.name, { app, url, instance, records: [], scraped: '' });
    }
    server = await startPrometheus(
      program,
      [...shops.values()].map(({ instance }) => instance),
    );
    for (const shop of shops.values()) {
      for (let round = 0; round < ROUNDS; round++) await sendTraffic(shop.url);
      shop.records = await recordsOf(shop.app, TOTAL);
      shop.scraped = await (await fetch(`${shop.url}/metrics`)).text();
    }
    for (const { instance } of shops.values())
      await server.until(
        `sum(http_server_request_duration_seconds_count{instance="${instance}"})`,
        ({ '': count }) => count === TOTAL,
      );
  });
  afterAll(async () => {
    await server?.stop();
    for (const { app } of shops.values()) await app.close();
  });

  describe.each(platforms)('that scrapes an application on $name', ({ name }) => {
    let app: INestApplication;
    let instance: string;
    let records: UsageRecord[];
    let scraped: string;
    beforeAll(() => ({ app, instance, records, scraped } = shops.get(name)!) as never);

    const sumBy = (labels: string[], metric: string) =>
      server.query(
        `sum by (${labels.join(',')}) (${metric} and on (instance) up{instance="${instance}"})`,
        labels,
      );

    it('has as many requests as there are records, by every label', async () => {
      expect(records).toHaveLength(TOTAL);
      const labels = [
        'http_request_method',
        'url_scheme',
        'http_route',
        'http_response_status_code',
        'error_type',
      ];
      const expected = countBy(records, ({ method, route, status, outcome }) => [
        method === 'PURGE' ? '_OTHER' : method,
        'http',
        route ?? '(none)',
        String(status),
        status >= 500 ? String(status) : outcome === 'aborted' ? 'aborted' : '',
      ]);
      for (const metric of ['request_duration_seconds', 'response_body_size_bytes'])
        expect(await sumBy(labels, `http_server_${metric}_count`)).toEqual(expected);
    });

    it('has seen refusals by guards, errors, unmatched routes, aborts and streams', async () => {
      const count = 'http_server_request_duration_seconds_count';
      expect(
        await sumBy(
          ['http_route', 'http_response_status_code', 'error_type'],
          `(${count}{http_response_status_code!="200",http_request_method="GET"} or ${count}{error_type!=""} or ${count}{http_route=~".*stream.*"})`,
        ),
      ).toEqual({
        '/cats/members/:id 403 ': ROUNDS,
        '/cats/fails/now 500 500': ROUNDS,
        '(none) 404 ': 2 * ROUNDS,
        '/cats/stream/endless 200 aborted': 2 * ROUNDS,
        '/cats/stream/whole 200 ': ROUNDS,
      });
    });

    it('has their seconds and bytes in sum, and in each bucket', async () => {
      const seconds = await sumBy(['http_route'], 'http_server_request_duration_seconds_sum');
      const bytes = await sumBy(['http_route'], 'http_server_response_body_size_bytes_sum');
      const routes = new Set(records.map(routeOf));
      expect(Object.keys(seconds).sort()).toEqual([...routes].sort());
      for (const route of routes) {
        const those = records.filter((record) => routeOf(record) === route);
        expect(seconds[route]).toBeCloseTo(sumOf(those.map(({ speed }) => speed)), 6);
        expect(bytes[route]).toBe(sumOf(those.map((each) => each.contentLength)));
      }
      expect(await sumBy(['le'], 'http_server_request_duration_seconds_bucket')).toEqual(
        Object.fromEntries(
          [...DURATION_BOUNDS_SECONDS, Infinity].map((bound) => [
            bound === Infinity ? '+Inf' : String(bound),
            records.filter(({ speed }) => speed <= bound).length,
          ]),
        ),
      );
    });

    it.each([0.5, 0.9, 0.95, 0.99])('answers the quantile %d within a bucket', async (quantile) => {
      const { '': answer } = await server.query(
        `histogram_quantile(${quantile}, sum by (le) (http_server_request_duration_seconds_bucket{instance="${instance}"}))`,
      );
      const speeds = records.map(({ speed }) => speed).sort((one, other) => one - other);
      const exact = speeds[Math.ceil(quantile * speeds.length) - 1]!;
      const bounds = [0, ...DURATION_BOUNDS_SECONDS];
      const bucket = bounds.findIndex((bound) => exact <= bound);
      expect(answer).toBeGreaterThan(bounds[bucket - 1]!);
      expect(answer).toBeLessThanOrEqual(bounds[bucket]!);
    });

    it('has the counts of each storage', async () => {
      const { storages } = app.get(UsageService).stats();
      const counts = await sumBy(['storage', 'state'], 'track_usage_records_total');
      const expected: Answer = {};
      for (const [storage, { seen, stored }] of Object.entries(storages)) {
        Object.assign(expected, { [`${storage} seen`]: seen, [`${storage} stored`]: stored });
        expected[`${storage} dropped`] = 0;
      }
      expect(counts).toEqual(expected);
      expect(counts['prometheus stored']).toBe(TOTAL);
      expect(await sumBy(['storage'], 'track_usage_records_waiting')).toEqual({
        memory: 0,
        prometheus: 0,
      });
    });

    it('the dashboard for Grafana asks what it answers', async () => {
      const { queries, variables } = readDashboard('prometheus.json');
      const values = { job: 'shop', instance, __rate_interval: '1m' };
      for (const { panel, text } of queries) {
        // A rate needs two scrapes.
        const isAnswered = (answer: Answer) => Object.keys(answer).length > 0;
        expect([
          panel,
          isAnswered(await server.until(interpolated(text, values), isAnswered)),
        ]).toEqual([panel, true]);
      }
      const asked = variables.filter(({ type }) => type === 'query');
      const found = asked.map(async ({ query }) => {
        const [, metric, label] = /^label_values\((.*), (\w+)\)$/.exec(query.query)!;
        return Object.keys(
          await server.query(`group by (${label}) (${interpolated(metric!, values)})`, [label!]),
        );
      });
      expect(await Promise.all(found)).toEqual([['shop'], expect.arrayContaining([instance])]);
    });

    it('promtool has nothing to say of what is scraped', async () => {
      const child = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.stdin.end(scraped);
      const [code] = await once(child, 'close');
      expect({ said, code }).toEqual({ said: '', code: 0 });
    });
  });
});

function routeOf({ route }: UsageRecord): string {
  return route ?? '(none)';
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0);
}

function countBy(
  records: readonly UsageRecord[],
  labels: (record: UsageRecord) => string[],
): Answer {
  const counts: Answer = {};
  for (const record of records) {
    const key = labels(record).join(' ');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
