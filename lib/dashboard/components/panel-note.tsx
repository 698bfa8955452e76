import type { ComponentChildren, JSX } from 'preact';
import type { UsageReport } from '../../storages/contract/usage-report.js';
import { calendarOf } from '../../summary/index.js';
import type { PanelContext } from '../panels/panel-context.js';

/** What stands beside a panel's title: what it shows, and where its figures come from. */
export function PanelNote({
  context,
  reports,
  parts = [],
  children,
}: {
  context: PanelContext;
  /** What the panel shows. */
  reports: readonly UsageReport[];
  /** What it shows besides. Without filters, `Advice` says of each where it comes from. */
  parts?: readonly (UsageReport | null)[];
  children?: ComponentChildren;
}): JSX.Element | null {
  const isFiltered = context.filters.length > 0;
  const told = [...reports, ...(isFiltered ? parts.filter((part) => part !== null) : [])];
  const source = sourceOf(context, told);
  if (!children && !source) return null;
  return (
    <>
      {children}
      {children && source && ' · '}
      {source}
    </>
  );
}

/** Nothing if sums answer. */
function sourceOf(context: PanelContext, reports: readonly UsageReport[]): string | null {
  const counted = reports.filter((report) => isCounted(context, report));
  if (counted.length === 0) return null;
  const isWhole = counted.every(({ source }) => source === 'records');
  const how = isWhole && counted.length === reports.length ? 'counted' : 'partly counted';
  const since = keptSince(context, counted);
  return `${how} from records${since === null ? '' : `, kept since ${since}`}`;
}

/**
 * Whether records answer more than the end of the compared span: that is as long after the beginning
 * of an hour as it is now, and sums are of hours.
 */
function isCounted(
  { parts }: PanelContext,
  { source, range, previousRange }: UsageReport,
): boolean {
  if (source !== 'both' || previousRange === null) return source !== 'summaries';
  const start = range.startDate.getTime();
  return calendarOf(parts.source.timeZone).bucket('hour', start).start !== start;
}

/** To the second where it cuts the range. */
function keptSince(
  { range, dates, recordsSince }: PanelContext,
  reports: readonly UsageReport[],
): string | null {
  const first = Math.max(...reports.map((report) => report.range.startDate.getTime()));
  if (first > range.startDate.getTime()) return dates.moment(new Date(first));
  return recordsSince && dates.day(recordsSince);
}
