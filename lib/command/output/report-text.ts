import type { UsageReader } from '../../reading/usage-reader.js';
import type { Metric, ReportQuery, UsageReport } from '../../storages/contract/usage-report.js';
import { bar, sparkline } from './bars.js';
import { tableLines, type TableCell, type TableColumn } from './table.js';
import type { Terminal } from './terminal.js';
import { shownBucket, shownChange, shownDate, shownMetric, shownNumber } from './units.js';

type Row = Readonly<Record<string, unknown>>;

const BAR_COLUMNS = 20;
const TREND_COLUMNS = 24;
/** Metrics that a bar can be drawn of: all but dates. */
const UNDRAWN: readonly Metric[] = ['firstSeen', 'lastSeen'];

/**
 * A report as a table. In a terminal it has bars, and with groups and an interval a line for each
 * group, with its course.
 */
export async function reportText(
  reader: UsageReader,
  query: ReportQuery,
  answer: UsageReport,
  timeZone: string,
  terminal: Terminal,
): Promise<string> {
  const { dimensions = [], interval } = query;
  const isCourse = terminal.isInteractive && interval !== undefined && dimensions.length > 0;
  if (!isCourse) return lines(query, answer, timeZone, terminal, null);
  const { interval: _, ...whole } = query;
  const groups = await reader.report(whole);
  return lines(whole, groups, timeZone, terminal, coursesOf(query, answer));
}

/** The values of the first metric of each group, oldest first. */
function coursesOf({ dimensions = [], metrics }: ReportQuery, { rows }: UsageReport) {
  const courses = new Map<string, (number | null)[]>();
  for (const row of rows as readonly Row[]) {
    const group = groupOf(row, dimensions);
    const course = courses.get(group) ?? [];
    courses.set(group, course);
    course.push(numberOf(row[metrics?.[0] ?? 'hits']));
  }
  return courses;
}

/** As many as there are values, as far as they fit. */
function courseColumns(courses: ReadonlyMap<string, readonly unknown[]>): number {
  return Math.min(TREND_COLUMNS, Math.max(0, ...[...courses.values()].map(({ length }) => length)));
}

function groupOf(row: Row, dimensions: readonly string[]): string {
  return JSON.stringify(dimensions.map((name) => row[name]));
}

function lines(
  query: ReportQuery,
  answer: UsageReport,
  timeZone: string,
  terminal: Terminal,
  courses: ReadonlyMap<string, readonly (number | null)[]> | null,
): string {
  const { dimensions = [], interval, compare } = query;
  const metrics = query.metrics ?? ['hits'];
  const rows = answer.rows as readonly Row[];
  const drawn = metrics.find((metric) => !UNDRAWN.includes(metric));
  const greatest = Math.max(0, ...rows.map((row) => numberOf(row[drawn ?? '']) ?? 0));
  const isDrawn = terminal.isInteractive && drawn !== undefined && rows.length > 1;

  const hasChange = (metric: Metric) => compare !== undefined && !UNDRAWN.includes(metric);
  const columns: TableColumn[] = [
    ...dimensions.map((title) => ({ title, align: 'left', isCut: true }) as const),
    ...(interval ? [{ title: interval, align: 'left' } as const] : []),
    ...metrics.flatMap((title): TableColumn[] => [
      { title, align: 'right' },
      ...(hasChange(title) ? [{ title: 'change', align: 'right' } as const] : []),
    ]),
    ...(isDrawn ? [{ title: '', align: 'left', drawn: BAR_COLUMNS } as const] : []),
    ...(courses
      ? [{ title: 'course', align: 'left', drawn: courseColumns(courses) } as const]
      : []),
  ];
  const values = (row: Row): TableCell[] => {
    const before = row['previous'] as Row | undefined;
    return metrics.flatMap((metric) => [
      shownMetric(metric, row[metric], timeZone),
      ...(hasChange(metric) ? [changeCell(row[metric], before?.[metric], terminal)] : []),
    ]);
  };
  const cells = rows.map((row): TableCell[] => [
    ...dimensions.map((name) => shownValue(row[name])),
    ...(interval ? [bucketText(row, interval, timeZone)] : []),
    ...values(row),
    ...(isDrawn
      ? [
          {
            draw: (width: number) =>
              terminal.style('cyan', bar(numberOf(row[drawn]), greatest, width)),
          },
        ]
      : []),
    ...(courses
      ? [
          {
            draw: (width: number) => sparkline(courses.get(groupOf(row, dimensions)) ?? [], width),
          },
        ]
      : []),
  ]);
  const { rest, totals } = answer as { rest: (Row & { groups: number }) | null; totals: Row };
  const blanks = (title: string) =>
    Array.from({ length: dimensions.length + (interval ? 1 : 0) }, (_, at) => (at ? '' : title));
  const labelled = dimensions.length > 0 || interval !== undefined;
  if (rest) cells.push([...blanks(`${shownNumber(rest.groups)} more`), ...values(rest)]);
  if (labelled) cells.push([...blanks('in all'), ...values(totals)]);
  return `${[...tableLines(columns, cells, terminal), '', ...notes(answer, timeZone, terminal)].join('\n')}\n`;
}

function notes(answer: UsageReport, timeZone: string, { style }: Terminal): string[] {
  const { range, previousRange, source, approximate } = answer;
  const span = ({ startDate, endDate }: UsageReport['range']) =>
    `${shownDate(startDate, timeZone)} to ${shownDate(endDate, timeZone)}`;
  const from = { summaries: 'sums', records: 'records', both: 'sums and records' }[source];
  return [
    style('dim', `${span(range)} (${timeZone}), from ${from}`),
    ...(previousRange ? [style('dim', `compared with ${span(previousRange)}`)] : []),
    ...(approximate.length > 0
      ? [style('dim', `at least, since keys were folded: ${approximate.join(', ')}`)]
      : []),
  ];
}

function changeCell(now: unknown, before: unknown, { style }: Terminal): TableCell {
  const text = shownChange(now, before);
  return { shown: style('dim', text) };
}

function bucketText(row: Row, interval: string, timeZone: string): string {
  const text = shownBucket(row['date'] as Date, interval, timeZone);
  return row['partial'] ? `${text} (part)` : text;
}

/** The value of a dimension: a missing one is told from a text. */
function shownValue(value: unknown): string {
  if (value === null || value === undefined) return '(none)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
