import type { ImportResult } from '../import/import.js';
import { paired, spreadOf, type Spread } from '../statistics.js';
import { shown, table, thousands } from './tables.js';
import { atLeast, type Target } from './target.js';

const LEAST = 0.7;
/** The last tenth of the time beside the fifth one: until then V8 lets the heap of any process grow. */
const MOST_GROWTH = 1.2;

export function importSection({ lines, rounds, memory }: ImportResult): string {
  const thousandsASecond = (values: readonly number[]) =>
    spreadOf(values.map((value) => value / 1000));
  return [
    `Logs of ${thousands(lines)} lines in the combined form.`,
    '',
    table(
      ['', 'thousands of records a second'],
      [
        [
          'the command, from its start to its end',
          shown(thousandsASecond(rounds.map(({ importedPerSecond }) => importedPerSecond)), 1),
        ],
        [
          '`store()` alone',
          shown(thousandsASecond(rounds.map(({ storedPerSecond }) => storedPerSecond)), 1),
        ],
        ['of `store()` alone', shown(ofStore(rounds), 2)],
      ],
    ),
    '',
    `RSS of the command over ${thousands(memory.lines)} lines, in tenths of its time: ` +
      `${memory.tenths.map((each) => each.toFixed(0)).join(', ')} MB.`,
  ].join('\n');
}

export function importTargets({ rounds, memory }: ImportResult): Target[] {
  const { lines, tenths } = memory;
  const [early, last] = [tenths[4]!, tenths[9]!];
  return [
    atLeast('import of an access log, of store() alone on SQLite', ofStore(rounds), LEAST),
    {
      what: `RSS at the end of an import of ${thousands(lines)} lines`,
      bound: `at most ${MOST_GROWTH} of that at half of it`,
      measured: `${last.toFixed(0)} MB of ${early.toFixed(0)} MB`,
      verdict: last <= early * MOST_GROWTH ? 'yes' : '**no**',
    },
  ];
}

function ofStore(rounds: ImportResult['rounds']): Spread {
  return paired(
    rounds.map(({ importedPerSecond }) => importedPerSecond),
    rounds.map(({ storedPerSecond }) => storedPerSecond),
    (imported, stored) => imported / stored,
  );
}
