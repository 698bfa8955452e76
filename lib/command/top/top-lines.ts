import type { Metric } from '../../storages/contract/usage-report.js';
import { bar, sparkline } from '../output/bars.js';
import { tableLines, type TableCell, type TableColumn } from '../output/table.js';
import type { Terminal } from '../output/terminal.js';
import { cutText } from '../output/text-width.js';
import { shownDate, shownMetric } from '../output/units.js';
import type { TopData, TopQuery } from './read-top.js';

/** What keys have changed. */
export interface TopState {
  readonly seconds: number;
  readonly isHeld: boolean;
  readonly isHelp: boolean;
}

type Row = Readonly<Record<string, unknown>>;

const LISTS = ['routes', 'consumers', 'clients', 'errors'] as const;
const DIMENSIONS = {
  routes: ['route'],
  consumers: ['consumer'],
  clients: ['client'],
  errors: ['status', 'route'],
} as const;
const METRICS = ['hits', 'errorRate', 'p95', 'transfer'] as const satisfies readonly Metric[];
const BAR_COLUMNS = 16;
const HELP = [
  'q      ends it',
  'space  looks at once',
  'p      holds it, and goes on',
  '< >    choose what the lists are sorted by',
  's f    slower, faster',
  'h      this help',
];

/** The lines of a screen. */
export function topLines(
  data: TopData,
  query: TopQuery,
  timeZone: string,
  terminal: Terminal,
  state: TopState = { seconds: 2, isHeld: false, isHelp: false },
): string[] {
  const head = headLines(data, query, timeZone, terminal, state);
  if (state.isHelp) return [...head, '', ...HELP];
  const shown = LISTS.filter((list) => data[list].length > 0);
  if (shown.length === 0) return [...head, '', `No requests in the last ${query.last}.`];
  // A list has its title, its columns' names and a blank line before it; the last row stays empty.
  const room = Math.max(shown.length, terminal.rows - 1 - head.length - 3 * shown.length);
  const heights = shares(
    shown.map((list) => data[list].length),
    room,
  );
  return [
    ...head,
    ...shown.flatMap((list, at) => [
      '',
      ...listLines(list, data[list].slice(0, heights[at]), timeZone, terminal),
    ]),
  ];
}

function headLines(
  { totals, course, date }: TopData,
  { last, sort }: TopQuery,
  timeZone: string,
  { style, columns }: Terminal,
  { seconds, isHeld }: TopState,
): string[] {
  const values = METRICS.map(
    (name) => `${name} ${shownMetric(name, (totals as Row)[name], timeZone)}`,
  );
  const when = `${shownDate(date, timeZone)}, the last ${last}, by ${sort}`;
  const pace = isHeld ? 'held, p goes on' : `every ${seconds} s, h helps`;
  const width = Number.isFinite(columns) ? columns : 80;
  return [
    style('bold', cutText(values.join('   '), width)),
    style('cyan', sparkline(course, Math.min(width, 80))),
    style('dim', cutText(`${when}   ${pace}`, width)),
  ];
}

function listLines(
  list: (typeof LISTS)[number],
  rows: readonly Row[],
  timeZone: string,
  terminal: Terminal,
): string[] {
  const dimensions = DIMENSIONS[list];
  const metrics = list === 'errors' ? (['hits', 'lastSeen'] as const) : METRICS;
  const greatest = Math.max(0, ...rows.map((row) => row['hits'] as number));
  const columns: TableColumn[] = [
    ...dimensions.map(
      (title) => ({ title: title, align: 'left', isCut: title !== 'status' }) as const,
    ),
    ...metrics.map((title) => ({ title: title, align: 'right' }) as const),
    { title: '', align: 'left', drawn: BAR_COLUMNS },
  ];
  const cells = rows.map((row): TableCell[] => [
    ...dimensions.map((name) => textOf(row[name])),
    ...metrics.map((name) => shownMetric(name, row[name], timeZone)),
    { draw: (width) => terminal.style('cyan', bar(row['hits'] as number, greatest, width)) },
  ]);
  const title = terminal.style(list === 'errors' ? 'red' : 'green', list.toUpperCase());
  return [title, ...tableLines(columns, cells, terminal)];
}

/** How many rows of each list are shown: none has more than it needs while another lacks some. */
function shares(wanted: readonly number[], room: number): number[] {
  const heights = wanted.map(() => 0);
  for (let left = room; left > 0; left--) {
    const next = heights
      .map((height, at) => ({ height, at }))
      .filter(({ height, at }) => height < wanted[at]!)
      .sort((a, b) => a.height - b.height)[0];
    if (!next) break;
    heights[next.at]!++;
  }
  return heights;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '(none)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
