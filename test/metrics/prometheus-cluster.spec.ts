import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

const fixture = fileURLToPath(new URL('./fixtures/cluster.mjs', import.meta.url));

it('The figures of a cluster add up in the AggregatorRegistry of prom-client', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [fixture]);
  const { recorded, metrics } = JSON.parse(stdout) as { recorded: number[]; metrics: string };
  expect(recorded.every((count) => count > 0)).toBe(true);
  expect(recorded.reduce((sum, count) => sum + count)).toBe(40);
  const labels =
    'http_request_method="GET",url_scheme="http",http_route="/cats/:id",http_response_status_code="200"';
  const lines = metrics.split('\n');
  for (const metric of [
    'http_server_request_duration_seconds',
    'http_server_response_body_size_bytes',
  ])
    expect(lines).toEqual(
      expect.arrayContaining([
        `${metric}_count{${labels}} 40`,
        `${metric}_bucket{le="+Inf",${labels}} 40`,
      ]),
    );
  expect(lines).toEqual(
    expect.arrayContaining([
      'track_usage_records_total{storage="prometheus",state="stored"} 40',
      'track_usage_records_total{storage="prometheus",state="dropped",reason="overflow"} 0',
      'track_usage_records_waiting{storage="prometheus"} 0',
    ]),
  );
});
