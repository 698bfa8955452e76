import type { PanelContext } from '../panels/panel-context.js';
import { filterValueOf, type FilterValue } from '../state/filter-value.js';
import { isSame, type Filter } from '../state/filters.js';
import { linkTo, withFilter } from '../state/page-state.js';

type Reported = string | number | boolean | null;

/**
 * The link of a row: the first click filters all panels by it, the second opens the own page of a
 * route or a consumer. Undefined if nothing can be filtered by the value.
 */
export function rowLink(
  { state, parts }: PanelContext,
  field: string,
  shown: Reported,
): { href: string; isOn: boolean } | undefined {
  const value = filterValueOf(shown);
  if (value === undefined || parts.visible.hides(field)) return undefined;
  const filter: Filter = { field, operator: 'is', values: [value] };
  const isOn = state.filters.some((each) => isSame(each, filter));
  if (isOn && (field === 'route' || field === 'consumer'))
    return { href: detailLink(state, field, value), isOn };
  return { href: linkTo(state, { filters: withFilter(state.filters, filter) }), isOn };
}

/** The link to the own page of a route or a consumer, which holds no filter by itself. */
export function detailLink(
  state: PanelContext['state'],
  kind: 'route' | 'consumer',
  value: FilterValue,
): string {
  const own: Filter = { field: kind, operator: 'is', values: [value] };
  return linkTo(state, {
    view: { kind, value },
    filters: state.filters.filter((each) => !isSame(each, own)),
  });
}
