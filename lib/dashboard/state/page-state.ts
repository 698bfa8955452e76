import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import { REPORT_COMPARISONS, type ReportComparison } from '../../storages/contract/usage-report.js';
import { readValue, writeValue, type FilterValue } from './filter-value.js';
import { isSame, readFilters, writeFilters, type Filter } from './filters.js';
import { RANGES, type OwnDates, type RangeName } from './ranges.js';

/** What is seen: all of it, one route, one consumer, or one request. */
export type View =
  | { readonly kind: 'overview' }
  | { readonly kind: 'route' | 'consumer'; readonly value: FilterValue }
  | { readonly kind: 'record'; readonly id: string };

/** What a page shows. All of it stands in its address, so that it can be sent to somebody. */
export interface PageState {
  readonly range: RangeName | OwnDates;
  readonly compare: ReportComparison | null;
  readonly filters: readonly Filter[];
  readonly view: View;
  /** The metric that orders a table, by the name of its panel. */
  readonly order: Readonly<Record<string, string>>;
  /** The panel that shows many rows. */
  readonly more: string | null;
  /** The last request of the page before, of the latest requests. */
  readonly after: { readonly date: Date; readonly id: string } | null;
  /** Whether requests of all services are counted where several share a database. */
  readonly allServices: boolean;
  /** Whether the answer waits for all panels: for browsers without scripts. */
  readonly whole: boolean;
}

const DEFAULT_RANGE: RangeName = '7d';
const DEFAULT_COMPARISON: ReportComparison = 'week';
const ORDER = 'order.';

/** @throws {UsageQueryError} if a parameter has no such value. */
export function readState(query: URLSearchParams): PageState {
  return {
    range: readRange(query),
    compare: readComparison(query.get('compare')),
    filters: readFilters(query),
    view: readView(query),
    order: Object.fromEntries(
      [...query]
        .filter(([name]) => name.startsWith(ORDER))
        .map(([name, metric]) => [name.slice(ORDER.length), metric]),
    ),
    more: query.get('more'),
    after: readAfter(query.get('after')),
    allServices: query.get('services') === 'all',
    whole: query.get('whole') === '1',
  };
}

/** The parameters of a state. What is the default is left out. */
export function writeState(state: PageState): URLSearchParams {
  const { range, compare, view, after } = state;
  const query = new URLSearchParams();
  if (view.kind === 'record') query.set('record', view.id);
  else if (view.kind !== 'overview') query.set(`of.${view.kind}`, writeValue(view.value));
  if (typeof range !== 'string') {
    query.set('start', range.start);
    query.set('end', range.end);
  } else if (range !== DEFAULT_RANGE) query.set('range', range);
  if (compare !== DEFAULT_COMPARISON) query.set('compare', compare ?? 'off');
  for (const [name, value] of writeFilters(state.filters)) query.append(name, value);
  for (const [panel, metric] of Object.entries(state.order)) query.set(ORDER + panel, metric);
  if (state.more !== null) query.set('more', state.more);
  if (after) query.set('after', `${after.date.toISOString()},${after.id}`);
  if (state.allServices) query.set('services', 'all');
  if (state.whole) query.set('whole', '1');
  return query;
}

/** A relative link to a changed state. It begins again with the first rows, unless told otherwise. */
export function linkTo(state: PageState, change: Partial<PageState>): string {
  const query = writeState({ ...state, more: null, after: null, ...change }).toString();
  // The default state has no parameters, and an empty link would keep the present ones.
  return `?${query}`;
}

/** The filters with one more, once. */
export function withFilter(filters: readonly Filter[], added: Filter): readonly Filter[] {
  return filters.some((each) => isSame(each, added)) ? filters : [...filters, added];
}

export function withoutFilter(filters: readonly Filter[], taken: Filter): readonly Filter[] {
  return filters.filter((each) => !isSame(each, taken));
}

function readRange(query: URLSearchParams): RangeName | OwnDates {
  const start = query.get('start');
  const end = query.get('end');
  if (start !== null || end !== null) return { start: start ?? '', end: end ?? '' };
  const name = query.get('range') ?? DEFAULT_RANGE;
  if (Object.hasOwn(RANGES, name)) return name as RangeName;
  throw new UsageQueryError('range', name, `one of ${Object.keys(RANGES).join(', ')}`);
}

function readComparison(given: string | null): ReportComparison | null {
  if (given === null) return DEFAULT_COMPARISON;
  if (given === 'off') return null;
  if ((REPORT_COMPARISONS as readonly string[]).includes(given)) return given as ReportComparison;
  throw new UsageQueryError('compare', given, `one of ${REPORT_COMPARISONS.join(', ')}, off`);
}

function readView(query: URLSearchParams): View {
  const id = query.get('record');
  if (id !== null) return { kind: 'record', id };
  for (const kind of ['route', 'consumer'] as const) {
    const value = query.get(`of.${kind}`);
    if (value !== null) return { kind, value: readValue(kind, value) };
  }
  return { kind: 'overview' };
}

function readAfter(given: string | null): PageState['after'] {
  if (given === null) return null;
  const [date = '', id = ''] = given.split(',');
  const parsed = new Date(date);
  if (Number.isNaN(parsed.getTime()) || id === '')
    throw new UsageQueryError('after', given, 'a date and an id, with a comma between');
  return { date: parsed, id };
}
