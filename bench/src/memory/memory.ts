import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadOrder, LoadResult } from '../load/load.process.js';
import type { Usage } from '../overhead/usage.js';
import { Child } from '../processes/child.js';
import { withScratch } from '../scratch.js';
import type { PlatformName, Settings } from '../settings.js';

/** A server's memory over time, at a fixed rate. */
export interface MemorySeries {
  readonly name: string;
  /** Bytes, one sample for each interval. */
  readonly rss: readonly number[];
  readonly heapUsed: readonly number[];
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly missing: readonly string[];
}

export interface MemoryResult {
  readonly platform: PlatformName;
  readonly rate: number;
  readonly minutes: number;
  /** Seconds between two samples. */
  readonly interval: number;
  readonly series: readonly MemorySeries[];
}

const VARIANTS = ['bare', 'ours-nowhere', 'ours-sqlite'];
/** Seconds between two samples. Peaks of the heap last a few. */
const INTERVAL = 1;

/** Puts servers under the same fixed rate at the same time, and samples their memory. */
export async function measureMemory(
  platform: PlatformName,
  { minutes, rate, nodeFlags }: Settings,
): Promise<MemoryResult> {
  const series = await withScratch((scratch) =>
    Promise.all(
      VARIANTS.map(async (name): Promise<MemorySeries> => {
        const folder = join(scratch, name);
        await mkdir(folder);
        const load = await Child.start('load/load.process.js', []);
        const path = `overhead/variants/${name}`;
        const server = await Child.start('overhead/server.process.js', [path, platform, folder], {
          execArgv: nodeFlags,
          env: { NODE_ENV: 'production' },
        });
        try {
          return { name, ...(await watch(server, load, minutes, rate)) };
        } finally {
          await server.stop();
          await load.stop();
        }
      }),
    ),
  );
  return { platform, rate, minutes, interval: INTERVAL, series };
}

async function watch(server: Child, load: Child, minutes: number, rate: number) {
  const samples: Usage[] = [];
  const port = await server.call<number>('port');
  const requests = Math.round(rate * minutes * 60);
  const order: LoadOrder = { port, requests, rate, connections: 32 };
  const sample = () => server.call<Usage>('usage').then((usage) => samples.push(usage));
  const timer = setInterval(() => void sample(), INTERVAL * 1000);
  const result = await load.call<LoadResult>('run', order);
  clearInterval(timer);
  await server.call('settle');
  return {
    rss: samples.map(({ rss }) => rss),
    heapUsed: samples.map(({ heapUsed }) => heapUsed),
    requests: result.requests,
    p50: result.p50,
    p99: result.p99,
    missing: await server.call<string[]>('check', result.answered),
  };
}
