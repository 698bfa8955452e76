import type { UsageReport } from '../../storages/contract/usage-report.js';
import type { Mark } from '../charts/marks.js';
import { isAnsweredBySums } from '../data/answered-by-sums.js';
import { shownText } from '../format/shown-text.js';
import type { AnyRow } from './metrics.js';
import type { PanelContext } from './panel-context.js';

/** The most releases that are marked. */
const MOST = 8;

/** The marks of releases, and what they are of. */
export interface ReleaseMarks {
  readonly marks: readonly Mark[];
  /** Whether they stand where the filters first meet a release, not where it first answers. */
  readonly isFiltered: boolean;
}

/**
 * Where a release that the span before has not seen answers for the first time: a mark for each bucket,
 * with the last of its releases and the number of the others.
 */
export async function releaseMarks(
  context: PanelContext,
  series: UsageReport,
): Promise<ReleaseMarks> {
  const { parts, dates, range, where, whereOfService } = context;
  if (parts.visible.hides('release')) return { marks: [], isFiltered: false };
  const { startDate, endDate } = range;
  const asked = { metrics: ['firstSeen', 'hits'], dimensions: ['release'], limit: 50 } as const;
  const wholeQuery = {
    startDate,
    endDate,
    ...(whereOfService && { where: whereOfService }),
    ...asked,
  };
  // A release does not begin anew for a filter. Where only records tell, all of them are too many to
  // be counted for a filter that chooses few.
  const isFiltered = context.isFiltered && !isAnsweredBySums(wholeQuery, parts.source.summaries);
  const report = await context.ask(
    isFiltered ? { startDate, endDate, ...(where && { where }), ...asked } : wholeQuery,
  );
  const rows = (report.rows as AnyRow[]).filter(
    (row) => typeof row['release'] === 'string' && row['release'] !== '(other)',
  );
  // Whoever answered first was there before.
  const [, ...later] = rows
    .map((row) => ({ release: String(row['release']), first: row.firstSeen as Date }))
    .sort((one, other) => one.first.getTime() - other.first.getTime());
  const starts = (series.rows as AnyRow[]).map((row) => row.date!.getTime());
  const found = new Map<number, { names: string[]; first: Date }>();
  for (const { release, first } of later.slice(-MOST)) {
    const at = starts.findLastIndex((start) => start <= first.getTime());
    if (at < 0) continue;
    const known = found.get(at) ?? { names: [], first };
    known.names.push(release);
    found.set(at, known);
  }
  const marks = [...found].map(([at, { names, first }]) => ({
    at: at / starts.length,
    label: shownText(names.at(-1)!, 12) + (names.length > 1 ? ` +${names.length - 1}` : ''),
    title:
      `release ${names.map((name) => shownText(name, 60)).join(', ')}, ` +
      `${isFiltered ? 'first with these filters ' : ''}${dates.bucket(first, range.interval)}`,
  }));
  return { marks, isFiltered };
}
