import type { LoadOrder, LoadResult } from '../load/load.process.js';
import type { Variant } from '../overhead/variant.js';
import { Child } from '../processes/child.js';
import { withScratch } from '../scratch.js';
import type { PlatformName, Settings } from '../settings.js';
import { TRAFFIC } from '../traffic.js';
import { startDeadServers, type DeadServers } from './dead-servers.js';

/** What one server showed in one round; milliseconds. */
export interface OutageRound {
  readonly p50: number;
  readonly p99: number;
}

export interface OutageSeries {
  readonly name: string;
  readonly title: string;
  readonly rounds: readonly OutageRound[];
  readonly requests: number;
  readonly missing: readonly string[];
}

export interface OutageResult {
  readonly platform: PlatformName;
  readonly rate: number;
  /** To one server in one round. */
  readonly requests: number;
  readonly series: readonly OutageSeries[];
}

const RATE = 500;
const CONNECTIONS = 32;
/** A round at a fixed rate takes its time: there are fewer of them than of other benches. */
const SHORTER = 2;
const WARM_UP_REQUESTS = 8000;

/** Paths of the variants, in the order in which they are loaded in a round. */
const VARIANTS: Record<string, string> = {
  bare: 'overhead/variants/bare',
  'bare-again': 'overhead/variants/bare-again',
  'ours-nowhere': 'overhead/variants/ours-nowhere',
  refused: 'outage/variants/refused',
  hanging: 'outage/variants/hanging',
};

interface Server {
  readonly name: string;
  readonly variant: Variant;
  readonly child: Child;
  readonly port: number;
  readonly sent: number[];
  readonly rounds: OutageRound[];
}

/** Puts servers under a fixed rate in turn, some with a storage that is down all the time. */
export async function measureOutage(
  platform: PlatformName,
  settings: Settings,
): Promise<OutageResult> {
  const { generations, rounds, requests } = settings;
  const dead = await startDeadServers();
  const load = await Child.start('load/load.process.js', []);
  const series = new Map<string, OutageSeries>();
  try {
    for (let generation = 0; generation < generations; generation++)
      await withScratch(async (scratch) => {
        const servers = await startServers(platform, settings, scratch, dead);
        try {
          for (const server of servers) await run(server, load, { requests: WARM_UP_REQUESTS });
          for (let round = 0; round < rounds / SHORTER; round++)
            for (const server of servers) {
              const { p50, p99 } = await run(server, load, { requests, rate: RATE });
              server.rounds.push({ p50, p99 });
            }
          for (const server of servers)
            series.set(server.name, await joined(series.get(server.name), server));
        } finally {
          await Promise.all(servers.map(({ child }) => child.stop()));
        }
        console.log(`outage ${platform}: ${generation + 1} of ${generations}`);
      });
  } finally {
    await load.stop();
    dead.close();
  }
  return { platform, rate: RATE, requests, series: [...series.values()] };
}

function startServers(
  platform: PlatformName,
  { nodeFlags }: Settings,
  scratch: string,
  { refusing, hanging }: DeadServers,
): Promise<Server[]> {
  return Promise.all(
    Object.entries(VARIANTS).map(async ([name, path]) => {
      const { variant } = (await import(`../${path}.js`)) as { variant: Variant };
      const child = await Child.start('overhead/server.process.js', [path, platform, scratch], {
        execArgv: nodeFlags,
        env: {
          NODE_ENV: 'production',
          BENCH_REFUSING_PORT: String(refusing),
          BENCH_HANGING_PORT: String(hanging),
        },
      });
      const port = await child.call<number>('port');
      const sent = new Array<number>(TRAFFIC.length).fill(0);
      return { name, variant, child, port, sent, rounds: [] };
    }),
  );
}

async function run(
  { port, sent }: Server,
  load: Child,
  order: Pick<LoadOrder, 'requests' | 'rate'>,
): Promise<LoadResult> {
  const result = await load.call<LoadResult>('run', { ...order, port, connections: CONNECTIONS });
  for (const [index, count] of result.answered.entries()) sent[index]! += count;
  return result;
}

async function joined(
  before: OutageSeries | undefined,
  { name, variant, child, sent, rounds }: Server,
): Promise<OutageSeries> {
  const missing = await child.call<string[]>('check', sent);
  return {
    name,
    title: variant.title,
    rounds: [...(before?.rounds ?? []), ...rounds],
    requests: (before?.requests ?? 0) + sent.reduce((sum, count) => sum + count, 0),
    missing: [...(before?.missing ?? []), ...missing],
  };
}
