import { Child } from '../processes/child.js';
import { withScratch } from '../scratch.js';
import type { PlatformName, Settings } from '../settings.js';
import type { LoadOrder, LoadResult } from '../load/load.process.js';
import type { ThreadProfile } from './thread-profiles.js';
import { whereOf, type Place } from './where.js';

/** Where one thread spent its time. */
export interface ThreadTimes {
  readonly thread: ThreadProfile['thread'];
  /** Microseconds for a request, of the time in which it was not idle. */
  readonly busy: number;
  /** The places that took most, the greatest first. */
  readonly places: readonly Place[];
}

export interface ProfileResult {
  readonly platform: PlatformName;
  readonly requests: number;
  readonly threads: readonly ThreadTimes[];
}

const VARIANT = 'ours-default';
const CONNECTIONS = 32;
const WARM_UP_REQUESTS = 20_000;
const REQUESTS = 60_000;

/** Samples what the threads of a server do under load that keeps everything, as `forRoot()` does. */
export async function measureProfile(
  platform: PlatformName,
  { nodeFlags }: Settings,
): Promise<ProfileResult> {
  return withScratch(async (scratch) => {
    const load = await Child.start('load/load.process.js', []);
    const args = [`overhead/variants/${VARIANT}`, platform, scratch];
    const server = await Child.start('overhead/server.process.js', args, {
      execArgv: nodeFlags,
      env: { NODE_ENV: 'production' },
    });
    try {
      const port = await server.call<number>('port');
      const put = (requests: number) => {
        const order: LoadOrder = { port, requests, connections: CONNECTIONS };
        return load.call<LoadResult>('run', order);
      };
      await put(WARM_UP_REQUESTS);
      await server.call('settle');
      await server.call('startProfiles');
      await put(REQUESTS);
      await server.call('settle');
      const profiles = await server.call<ThreadProfile[]>('stopProfiles');
      const threads = profiles.map((each) => timesOf(each)).filter(({ busy }) => busy >= LEAST);
      return { platform, requests: REQUESTS, threads };
    } finally {
      await server.stop();
      await load.stop();
    }
  });
}

/** A thread that did less for a request, in microseconds, has not worked. */
const LEAST = 0.5;

function timesOf({ thread, profile }: ThreadProfile): ThreadTimes {
  const places = whereOf(profile).map((place) => ({ ...place, micros: place.micros / REQUESTS }));
  const busy = places.reduce((sum, { micros }) => sum + micros, 0);
  return { thread, busy, places };
}
