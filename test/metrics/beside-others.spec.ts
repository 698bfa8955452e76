import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';

const fixture = fileURLToPath(new URL('./fixtures/beside.mjs', import.meta.url));
const REQUESTS = 10;
const DURATION = 'http.server.request.duration';

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

async function run(adapter: string, mode: 'alone' | 'view' | 'names') {
  const { stdout } = await promisify(execFile)(process.execPath, [fixture, adapter, mode]);
  return JSON.parse(stdout);
}

describe.each(['express', 'fastify'])(
  'On %s, beside @nestjs/observe, nestjs-pino and the HTTP instrumentation of OpenTelemetry',
  (adapter) => {
    let alone: any;
    let [view, names]: any[] = [];
    beforeAll(async () => {
      alone = await run(adapter, 'alone');
      view = await run(adapter, 'view');
      names = await run(adapter, 'names');
    });

    it('every response and record is what it is without them', () => {
      expect(alone.records).toHaveLength(REQUESTS);
      expect(view.responses).toEqual(alone.responses);
      expect(view.records).toEqual(alone.records);
      expect(view.own.prometheus).toBe(REQUESTS);
    });

    it('all of them were at work', () => {
      // On Fastify, nestjs-pino 5.2 logs no request, with this library or without it.
      if (adapter === 'express') expect(names.others.logged).toBe(REQUESTS);
      expect(names.others.observed).toBeGreaterThan(0);
      expect(names.others.durations).toEqual([{ name: DURATION, count: expect.any(Number) }]);
      expect(names.others.durations[0].count).toBeGreaterThanOrEqual(REQUESTS - 1);
    });

    it('nothing is counted twice, by a view that drops the metric or by another name', () => {
      expect(view.own.openTelemetry).toEqual([{ name: DURATION, count: REQUESTS }]);
      expect(view.others.durations).toEqual([]);
      expect(names.own.openTelemetry).toEqual([{ name: 'shop.request.duration', count: REQUESTS }]);
    });
  },
);
