import type { ReportsResult, ReportTimes } from '../reports/reports.js';
import { paired, spreadOf } from '../statistics.js';
import { shown, table, thousands } from './tables.js';
import { atMost, type Target } from './target.js';

/** Milliseconds. */
const MOST = 100;
const MOST_HELD = 50;

export function reportsSection({
  title,
  reports,
  data = [],
  plans,
  ownPlans = [],
}: ReportsResult): string {
  const rows = reports.map((times) => [
    `${times.question}, of ${thousands(times.size)}`,
    shown(spreadOf(times.ours), 1),
    times.raw.length > 0 ? shown(spreadOf(times.raw), 1) : '',
    times.raw.length > 0 ? shown(ofRaw(times), 2) : '',
    times.loop.max.toFixed(1),
    times.loop.maxCpu?.toFixed(1) ?? '',
  ]);
  const head = ['', 'ms', 'by hand, ms', 'of by hand', 'loop held, ms', 'of CPU, ms'];
  return [
    `### ${title}`,
    '',
    table(head, rows),
    ...data.flatMap(({ size, bytes, streamed: { count, seconds, megabytes } }) => [
      '',
      `Of ${thousands(size)}: ${bytes.toFixed(0)} bytes a record, sums included. Streaming ` +
        `${thousands(count)} took ${seconds.toFixed(0)} s; the process had ` +
        `${megabytes[Math.floor(megabytes.length / 4)]!.toFixed(0)} MB after a quarter of them and ` +
        `${Math.max(...megabytes).toFixed(0)} MB at most.`,
    ]),
    ...plans.flatMap(({ size, lines }) =>
      lines.length === 0
        ? []
        : ['', `The plan of the query by hand, of ${thousands(size)}:`, '', '```', ...lines, '```'],
    ),
    ...(ownPlans.length === 0
      ? []
      : ['', 'The statements of the first report, and their plans:', '']),
    ...ownPlans.flatMap(({ sql, lines }) => ['```', shortened(sql), ...lines, '```']),
  ].join('\n');
}

/** The beginning of a statement, and what follows its list of columns. */
function shortened(sql: string): string {
  const text = sql.replace(/\s+/g, ' ');
  const from = text.indexOf(' from ');
  return text.length < 200 || from < 60 ? text : `${text.slice(0, 60)} …${text.slice(from)}`;
}

export function reportsTargets({ title, reports }: ReportsResult): Target[] {
  const sizes = reports.map(({ size }) => size);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return reports.flatMap((times) => {
    const { question, size, ours, raw, loop } = times;
    if (size !== least) return [];
    const of = `${title}, of ${thousands(size)}: ${question}`;
    const targets =
      raw.length > 0
        ? [atMost(`${of}, of the query by hand`, ofRaw(times), 1.3, 'times')]
        : [atMost(of, spreadOf(ours), MOST, 'ms')];
    const large = reports.find((each) => each.size === most && each.question === question);
    if (large && most > least && raw.length === 0)
      targets.push(
        atMost(
          `${of}, ${thousands(most)} against it`,
          paired(large.ours, ours, (a, b) => a / b),
          1.5,
          'times',
        ),
      );
    if (title === 'SQLite')
      targets.push(atMost(`${of}: the event loop`, spreadOf([loop.max]), MOST_HELD, 'ms'));
    return targets;
  });
}

function ofRaw({ ours, raw }: ReportTimes) {
  return paired(ours, raw, (a, b) => a / b);
}
