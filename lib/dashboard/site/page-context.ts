import { parseUsageFilter } from '../../storages/base/parse-usage-query.js';
import { ownSummaries } from '../data/own-summaries.js';
import type { DashboardRequest } from '../http/answer.js';
import { PanelContext } from '../panels/panel-context.js';
import { whereOf, type Filter } from '../state/filters.js';
import type { PageState } from '../state/page-state.js';
import { namedRange, ownRange } from '../state/ranges.js';
import type { Site } from './site.js';

export interface PageContext {
  readonly context: PanelContext;
  /** The service that the figures are limited to without being asked; null if there is none. */
  readonly service: string | null;
}

/**
 * What the panels of a page show.
 *
 * @param now When the page was asked for.
 * @throws {UsageQueryError} if a filter is unknown, hidden, or does not fit.
 */
export async function pageContext(
  { parts, services }: Site,
  state: PageState,
  { signal, origin }: Pick<DashboardRequest, 'signal' | 'origin'>,
  deadline: Promise<null> | null,
  now = Date.now(),
): Promise<PageContext> {
  const { visible, source } = parts;
  for (const { field } of state.filters) visible.check(`where.${field}`, field);
  // The storage itself knows the values of the application's own summaries.
  const own = ownSummaries(source.summaries);
  const where = whereOf(state.filters.filter(({ field }) => !own.includes(field)));
  if (where) parseUsageFilter({ where });
  const ofView = ownFilters(state);
  for (const { field } of ofView) visible.check(`of.${field}`, field);
  const mayLimit =
    !state.allServices &&
    !visible.hides('service') &&
    state.view.kind !== 'record' &&
    !state.filters.some(({ field }) => field === 'service');
  const service = mayLimit ? await services.ownOfSeveral(now, signal) : null;
  const ofService: Filter[] =
    service === null ? [] : [{ field: 'service', operator: 'is', values: [service] }];
  const range =
    typeof state.range === 'string'
      ? namedRange(state.range, now, source.timeZone)
      : ownRange(state.range, source.timeZone);
  const filters = [...state.filters, ...ofView, ...ofService];
  return {
    context: new PanelContext(parts, state, range, filters, now, signal, deadline, origin),
    service,
  };
}

/** The condition of the own page of a route or a consumer. */
function ownFilters({ view }: PageState): Filter[] {
  if (view.kind !== 'route' && view.kind !== 'consumer') return [];
  return [{ field: view.kind, operator: 'is', values: [view.value] }];
}
