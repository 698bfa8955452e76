import { Child } from '../processes/child.js';
import { withScratch } from '../scratch.js';
import type { Settings } from '../settings.js';
import type { LoopDelay } from './event-loop.process.js';

export const SQLITE_PLACES = ['file', 'wal', 'journal', 'memory'] as const;
export type SqlitePlace = (typeof SQLITE_PLACES)[number];

export interface EventLoopResult {
  readonly place: SqlitePlace;
  readonly size: number;
  readonly delays: readonly LoopDelay[];
}

/** How long the event loop is held up while a storage on SQLite answers what takes long. */
export async function measureEventLoop(
  place: SqlitePlace,
  settings: Settings,
): Promise<EventLoopResult> {
  const size = Math.max(...settings.sizes);
  return withScratch(async (scratch) => {
    const child = await Child.start('event-loop/event-loop.process.js', [place, scratch]);
    try {
      await child.call('fill', size);
      const delays: LoopDelay[] = [];
      for (const name of await child.call<string[]>('names')) {
        delays.push(await child.call<LoopDelay>('measure', name));
        const { seconds, max, maxCpu } = delays.at(-1)!;
        console.log(
          `event-loop ${place}: ${name}: ${seconds.toFixed(1)} s, at most ${max.toFixed(1)} ms, ` +
            `${maxCpu?.toFixed(1)} ms of CPU`,
        );
      }
      return { place, size, delays };
    } finally {
      await child.stop();
    }
  });
}
