import { RECORD_FIELDS, type UsageRecord } from '../../record/index.js';
import type { ReportQuery, UsageReport } from '../../storages/contract/usage-report.js';
import { csvLine } from './csv.js';
import type { NamedProcess } from './named-processes.js';
import type { Visibility } from './visibility.js';

/** Characters that are sent at once, so that a small record is no write of its own. */
const CHUNK = 16_384;

/** A report's rows as CSV. The columns are those of the question, the span before behind them. */
export function reportCsv(query: ReportQuery, report: UsageReport): string {
  const metrics = query.metrics ?? ['hits'];
  const names = [
    ...(query.dimensions ?? []),
    ...(query.interval ? ['date', 'partial'] : []),
    ...metrics,
  ];
  const previous = query.compare ? metrics : [];
  const lines = report.rows.map((row) => {
    const values = row as Record<string, unknown>;
    const before = (values['previous'] ?? {}) as Record<string, unknown>;
    return csvLine([...names.map((name) => values[name]), ...previous.map((name) => before[name])]);
  });
  return csvLine([...names, ...previous.map((name) => `previous.${name}`)]) + lines.join('');
}

/** The state of the tracking, a line for each storage of each process. */
export function trackingCsv(processes: readonly NamedProcess[]): string {
  const all = processes.flatMap(({ name, date, storages }) =>
    Object.entries(storages).map(([storage, stats]) => ({ name, date, storage, stats })),
  );
  const reasons = [...new Set(all.flatMap(({ stats }) => Object.keys(stats.dropped)))].sort();
  const head = ['process', 'date', 'storage', 'seen', 'stored', 'waiting', 'lastSuccess'];
  const lines = all.map(({ name, date, storage, stats }) =>
    csvLine([
      name,
      date,
      storage,
      stats.seen,
      stats.stored,
      stats.waiting,
      stats.lastSuccess,
      ...reasons.map((reason) => stats.dropped[reason as keyof typeof stats.dropped]),
    ]),
  );
  return csvLine([...head, ...reasons.map((reason) => `lost.${reason}`)]) + lines.join('');
}

/** Records as lines of JSON. */
export function ndjson(
  records: AsyncIterable<UsageRecord>,
  visible: Visibility,
): AsyncIterable<string> {
  return chunks(records, (record) => `${JSON.stringify(visible.shown(record))}\n`);
}

/** Records as CSV, with a column for each field that is shown. */
export function recordsCsv(
  records: AsyncIterable<UsageRecord>,
  visible: Visibility,
): AsyncIterable<string> {
  const paths = RECORD_FIELDS.map(({ path }) => path).filter((path) => !visible.hides(path));
  const line = (record: UsageRecord) => {
    const shown = visible.shown(record) as Record<string, unknown>;
    const client = (shown['userAgent'] ?? {}) as Record<string, unknown>;
    return csvLine(
      paths.map((path) =>
        path.startsWith('userAgent.') ? client[path.slice('userAgent.'.length)] : shown[path],
      ),
    );
  };
  return chunks(records, line, csvLine(paths));
}

async function* chunks(
  records: AsyncIterable<UsageRecord>,
  line: (record: UsageRecord) => string,
  first = '',
): AsyncGenerator<string> {
  let text = first;
  for await (const record of records) {
    text += line(record);
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** The first records of a stream; all of them without a limit. */
export async function* taken<T>(items: AsyncIterable<T>, limit = Infinity): AsyncGenerator<T> {
  let left = limit;
  for await (const item of items) {
    yield item;
    if (--left <= 0) return;
  }
}
