import type { EventLoopResult } from '../event-loop/event-loop.js';
import { table, thousands } from './tables.js';
import type { Target } from './target.js';

const MOST_DELAY_MS = 50;

const PLACES: Record<EventLoopResult['place'], string> = {
  file: 'the embedded SQLite',
  wal: "the application's connection, in WAL mode",
  journal: "the application's connection, without WAL",
  memory: 'in memory',
};

export function eventLoopSection({ place, size, delays }: EventLoopResult): string {
  return [
    `### ${PLACES[place]}`,
    '',
    `${thousands(size)} records of a month. The longest time between two turns of a timer that is ` +
      'due each millisecond, and the most CPU that the thread of the event loop took between two: ' +
      'what the former has more is the rest of the machine.',
    '',
    table(
      ['', 'seconds', 'longest, ms', 'p99, ms', 'longest of CPU, ms'],
      delays.map(({ name, seconds, max, p99, maxCpu }) => [
        name,
        seconds.toFixed(1),
        max.toFixed(1),
        p99.toFixed(1),
        maxCpu === null ? '-' : maxCpu.toFixed(1),
      ]),
    ),
  ].join('\n');
}

/** The first of the delays is that of a process that does nothing. */
export function eventLoopTargets({ place, size, delays }: EventLoopResult): Target[] {
  const [idle, ...working] = delays;
  if (!idle || working.length === 0) return [];
  const longest = working.reduce((most, each) => (each.max > most.max ? each : most));
  return [
    {
      what: `event loop's delay on ${thousands(size)} records, ${PLACES[place]}`,
      bound: `at most ${MOST_DELAY_MS} ms`,
      measured: `${longest.max.toFixed(1)} ms (${longest.name}); ${idle.max.toFixed(1)} doing nothing`,
      verdict: longest.max <= MOST_DELAY_MS ? 'yes' : '**no**',
    },
  ];
}
