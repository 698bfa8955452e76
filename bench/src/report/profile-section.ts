import type { ProfileResult, ThreadTimes } from '../profile/profile.js';
import { table } from './tables.js';

const TITLES = {
  application: "the application's thread",
  worker: 'a thread of the storage',
} as const;
const MOST_PLACES = 14;

export function profileSection({ platform, requests, threads }: ProfileResult): string {
  return [
    `### ${platform}`,
    '',
    `V8's samples of ${requests} requests that are recorded and stored as \`forRoot()\` does, by where ` +
      'the time went itself. The samples tell how long, not how much CPU: on a busy machine a thread ' +
      'that waits for a core counts too. To sample slows what is sampled.',
    ...threads.flatMap((each) => ['', ...rowsOf(each)]),
  ].join('\n');
}

function rowsOf({ thread, busy, places }: ThreadTimes): string[] {
  const shown = places.slice(0, MOST_PLACES);
  const rest = Math.max(0, busy - shown.reduce((sum, { micros }) => sum + micros, 0));
  const row = (name: string, micros: number) => [
    name,
    micros.toFixed(1),
    `${((100 * micros) / busy).toFixed(0)} %`,
  ];
  return [
    table(
      [TITLES[thread], 'µs a request', 'share'],
      [
        ...shown.map(({ name, micros }) => row(name, micros)),
        row('all else', rest),
        row('together', busy),
      ],
    ),
  ];
}
