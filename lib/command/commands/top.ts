import { setTimeout as delay } from 'node:timers/promises';
import { defineCommand, type CommandCall, type FlagTable } from '../command.js';
import type { CommandIo } from '../command-io.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { parseCount } from '../options/parse-values.js';
import { parseWhereFlags } from '../options/parse-where.js';
import { JSON_FLAG, WHERE_FLAG } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { jsonText } from '../output/json.js';
import { terminalOf } from '../output/terminal.js';
import { write } from '../output/write.js';
import { withStorage, type OpenStorage } from '../storage/open-storage.js';
import { openScreen } from '../top/screen.js';
import { readTop, SORTS, type TopQuery } from '../top/read-top.js';
import { topLines } from '../top/top-lines.js';

const FLAGS = {
  ...STORAGE_FLAGS,
  ...WHERE_FLAG,
  last: { type: 'string', value: 'SPAN', help: 'The span that is shown; default: 1h' },
  every: { type: 'string', value: 'SECONDS', help: 'How often it is shown anew; default: 2' },
  ...JSON_FLAG,
} as const satisfies FlagTable;

const DEFAULT_SECONDS = 2;

/** Shows what goes on, on one screen. */
export const top = defineCommand({
  name: 'top',
  summary: 'Shows the routes, consumers, clients and errors of the last hour, every two seconds',
  details:
    'Keys: q ends it, space looks at once, p holds it, < and > choose what it is sorted by, s makes\n' +
    'it slower, f faster, h helps. Without a terminal, it prints one screen.',
  flags: FLAGS,
  examples: ['top', "top --last 24h --where 'service=shop' --every 10"],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  const seconds = parseCount('--every', flags.every) ?? DEFAULT_SECONDS;
  const where = parseWhereFlags(flags.where);
  return withStorage(flags, io, { access: 'read', sums: 'stored' }, async (opened) => {
    const query: TopQuery = { last: flags.last ?? '1h', where, sort: 'hits' };
    const terminal = terminalOf(io.stdout, io);
    if (flags.json || !terminal.isInteractive || !io.stdin.isTTY) {
      const data = await readTop(opened.reader, query, io.signal);
      const text = flags.json
        ? jsonText(data)
        : `${topLines(data, query, opened.timeZone, { ...terminal, rows: 50 }).join('\n')}\n`;
      await write(io.stdout, text);
      return EXIT.ok;
    }
    await showAnew(opened, query, seconds, io);
    return EXIT.ok;
  });
}

async function showAnew(
  { reader, timeZone }: OpenStorage,
  query: TopQuery,
  seconds: number,
  io: CommandIo,
): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, io.signal]);
  let wake = new AbortController();
  let state = { seconds, isHeld: false, isHelp: false, sort: 0 };
  const screen = openScreen(io, (key) => {
    const { sort } = state;
    if (key === 'q' || key === '\u0003') ended.abort();
    else if (key === ' ') state = { ...state, isHelp: false };
    else if (key === 'p') state = { ...state, isHeld: !state.isHeld };
    else if (key === 'h' || key === '?') state = { ...state, isHelp: !state.isHelp };
    else if (key === 's') state = { ...state, seconds: Math.min(state.seconds * 2, 3600) };
    else if (key === 'f') state = { ...state, seconds: Math.max(1, state.seconds / 2) };
    else if (key === '>') state = { ...state, sort: (sort + 1) % SORTS.length };
    else if (key === '<') state = { ...state, sort: (sort + SORTS.length - 1) % SORTS.length };
    else return;
    wake.abort();
  });
  try {
    let data = await readTop(reader, query, signal);
    while (!signal.aborted) {
      const shown = { ...query, sort: SORTS[state.sort]! };
      const terminal = terminalOf(io.stdout, io);
      screen.draw(topLines(data, shown, timeZone, terminal, state), terminal.rows);
      wake = new AbortController();
      const pause = AbortSignal.any([signal, wake.signal]);
      await delay(state.seconds * 1000, undefined, { signal: pause }).catch(() => {});
      const next = { ...query, sort: SORTS[state.sort]! };
      if (!signal.aborted && !state.isHeld) data = await readTop(reader, next, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    screen.close();
  }
}
