import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadOrder, LoadResult } from '../load/load.process.js';
import { Child } from '../processes/child.js';
import { otherBuild } from '../processes/other-build.js';
import { withScratch } from '../scratch.js';
import type { PlatformName, Settings } from '../settings.js';
import { TRAFFIC } from '../traffic.js';
import { playHub } from './play-hub.js';
import type { Usage } from './usage.js';
import { isBefore, VARIANT_NAMES, type VariantName } from './variants/index.js';
import type { Variant } from './variant.js';

/** What one variant showed in one round. */
export interface Round {
  /** Microseconds per request, of the server process and all its threads. */
  readonly cpu: number;
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface VariantResult {
  readonly name: VariantName;
  readonly title: string;
  readonly keeps: string;
  readonly rounds: readonly Round[];
  /** Bytes, of each process. */
  readonly peakRss: readonly number[];
  readonly requests: number;
  /** What was missing of what it should have kept. */
  readonly missing: readonly string[];
  /** Whether it can be asked for what it kept. */
  readonly checked: boolean;
}

export interface OverheadResult {
  readonly platform: PlatformName;
  readonly connections: number;
  /** To one variant in one round. */
  readonly requests: number;
  readonly variants: readonly VariantResult[];
  /** Microseconds of CPU per request that the load generator took. */
  readonly generatorCpu: number;
}

const CONNECTIONS = 32;
/** After so many the compiler has seen all there is to see. */
const WARM_UP_REQUESTS = 8000;

interface Server {
  readonly name: VariantName;
  readonly variant: Variant;
  readonly child: Child;
  readonly port: number;
  readonly sent: number[];
  readonly rounds: Round[];
}

/** Puts every variant under the same load, in turn, and reads what each request cost. */
export async function measureOverhead(
  platform: PlatformName,
  settings: Settings,
): Promise<OverheadResult> {
  const hub = await playHub();
  const load = await Child.start('load/load.process.js', []);
  const results = new Map<
    VariantName,
    { -readonly [K in keyof VariantResult]: VariantResult[K] }
  >();
  const generatorCpu: number[] = [];
  try {
    for (let generation = 0; generation < settings.generations; generation++)
      await withScratch(async (scratch) => {
        const servers = await startServers(platform, settings, scratch, hub.url);
        try {
          for (const server of servers) await measure(server, load, WARM_UP_REQUESTS);
          for (let round = 0; round < settings.rounds; round++)
            for (const server of servers) {
              const { measured, generator } = await measure(server, load, settings.requests);
              server.rounds.push(measured);
              generatorCpu.push(generator);
            }
          for (const server of servers) await collect(server, results);
        } finally {
          await Promise.all(servers.map(({ child }) => child.stop()));
        }
        console.log(`overhead ${platform}: ${generation + 1} of ${settings.generations}`);
      });
  } finally {
    await load.stop();
    hub.close();
  }
  const cpu = generatorCpu.reduce((sum, each) => sum + each, 0) / generatorCpu.length;
  return {
    platform,
    connections: CONNECTIONS,
    requests: settings.requests,
    variants: [...results.values()],
    generatorCpu: cpu,
  };
}

async function startServers(
  platform: PlatformName,
  { only, nodeFlags, before }: Settings,
  scratch: string,
  hub: string,
): Promise<Server[]> {
  const servers: Server[] = [];
  for (const name of VARIANT_NAMES) {
    if (only.length > 0 && !only.includes(name)) continue;
    if (isBefore(name) && before === null) continue;
    const { variant } = (await import(`./variants/${name}.js`)) as { variant: Variant };
    if (variant.platforms && !variant.platforms.includes(platform)) continue;
    const folder = join(scratch, name);
    await mkdir(folder);
    const path = `overhead/variants/${name}`;
    const child = await Child.start('overhead/server.process.js', [path, platform, folder], {
      execArgv: isBefore(name) ? [...nodeFlags, ...otherBuild(before!)] : nodeFlags,
      env: { NODE_ENV: 'production', APITALLY_HUB_BASE_URL: hub },
    });
    const port = await child.call<number>('port');
    const sent = new Array<number>(TRAFFIC.length).fill(0);
    servers.push({ name, variant, child, port, sent, rounds: [] });
  }
  return servers;
}

async function measure({ child, port, sent }: Server, load: Child, requests: number) {
  const order: LoadOrder = { port, requests, connections: CONNECTIONS };
  const before = await child.call<Usage>('usage');
  const result = await load.call<LoadResult>('run', order);
  // What it put off until after the responses is part of what they cost.
  const after = await child.call<Usage>('settle');
  for (const [index, count] of result.answered.entries()) sent[index]! += count;
  const measured: Round = {
    cpu: (after.cpu - before.cpu) / result.requests,
    requestsPerSecond: result.requests / result.seconds,
    p50: result.p50,
    p99: result.p99,
  };
  return { measured, generator: result.cpu };
}

async function collect(
  { name, variant, child, sent, rounds }: Server,
  results: Map<VariantName, { -readonly [K in keyof VariantResult]: VariantResult[K] }>,
): Promise<void> {
  const missing = await child.call<string[]>('check', sent);
  const { peakRss } = await child.call<Usage>('usage');
  const requests = sent.reduce((sum, count) => sum + count, 0);
  const before = results.get(name);
  results.set(name, {
    name,
    title: variant.title,
    keeps: variant.keeps,
    rounds: [...(before?.rounds ?? []), ...rounds],
    peakRss: [...(before?.peakRss ?? []), peakRss],
    requests: (before?.requests ?? 0) + requests,
    missing: [...(before?.missing ?? []), ...missing],
    checked: variant.check !== undefined,
  });
}
