import { readValue } from './filter-value.js';
import { OPERATORS, type Filter, type Operator } from './filters.js';
import { linkTo, withFilter, type PageState } from './page-state.js';

/**
 * The link to a state with the filter that the page's form has sent; null if it has sent none. A
 * form's names are fixed, those of filters are not.
 */
export function addedFilter(query: URLSearchParams, state: PageState): string | null {
  const field = query.get('add.field');
  if (field === null) return null;
  const given = query.get('add.operator') ?? 'is';
  const operator = (OPERATORS as readonly string[]).includes(given) ? (given as Operator) : 'is';
  const text = (query.get('add.value') ?? '').trim();
  // Nothing typed: those without a value.
  const value = text === '' ? null : readValue(field, text);
  const filter: Filter = { field, operator, values: [value] };
  return linkTo(state, { filters: withFilter(state.filters, filter) });
}
