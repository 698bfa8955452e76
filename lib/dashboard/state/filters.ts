import type { UsageWhere } from '../../storages/contract/usage-where.js';
import { readValue, writeValue, type FilterValue } from './filter-value.js';

const LISTS = ['in', 'notIn'] as const;
export const OPERATORS = [
  'not',
  ...LISTS,
  'gt',
  'gte',
  'lt',
  'lte',
  'startsWith',
  'contains',
] as const;

export type Operator = 'is' | (typeof OPERATORS)[number];

/** One condition: `where.status.gte=500` is `{ field: 'status', operator: 'gte', values: [500] }`. */
export interface Filter {
  readonly field: string;
  /** `is` with several values: one of them. */
  readonly operator: Operator;
  readonly values: readonly FilterValue[];
}

const PREFIX = 'where.';
const PATHS = ['trackVar', 'viewArgs', 'urlArgs'];

/** Reads the filters of an address, in its order. A repeated parameter is a list of values. */
export function readFilters(query: URLSearchParams): Filter[] {
  const filters = new Map<string, { field: string; operator: Operator; values: FilterValue[] }>();
  for (const [parameter, text] of query) {
    if (!parameter.startsWith(PREFIX)) continue;
    const { field, operator } = splitName(parameter.slice(PREFIX.length));
    const id = `${operator} ${field}`;
    const known = filters.get(id) ?? { field, operator, values: [] };
    filters.set(id, known);
    known.values.push(readValue(field, text));
  }
  return [...filters.values()];
}

/** The parameters of filters, as `readFilters` reads them. */
export function writeFilters(filters: readonly Filter[]): [string, string][] {
  return filters.flatMap(({ field, operator, values }) => {
    const endsLikeOperator = operator === 'is' && splitName(field).operator !== 'is';
    const suffix = operator === 'is' ? (endsLikeOperator ? '.in' : '') : `.${operator}`;
    return values.map((value): [string, string] => [PREFIX + field + suffix, writeValue(value)]);
  });
}

/** The filters as the argument `where` of a query. */
export function whereOf(filters: readonly Filter[]): UsageWhere | undefined {
  if (filters.length === 0) return undefined;
  // A null prototype: a field may be named __proto__.
  const where = Object.create(null) as Record<string, unknown>;
  for (const { field, operator, values } of filters) {
    const conditions = (where[field] ??= {}) as Record<string, unknown>;
    const add = (name: string) => {
      conditions[name] = [...((conditions[name] as unknown[] | undefined) ?? []), ...values];
    };
    if (operator === 'is' || operator === 'in') add('in');
    else if (operator === 'notIn' || (operator === 'not' && values.length > 1)) add('notIn');
    else conditions[operator] = values.length === 1 ? values[0] : values;
  }
  return where as UsageWhere;
}

/** Whether two filters say the same. */
export function isSame(one: Filter, other: Filter): boolean {
  return String(writeFilters([one])) === String(writeFilters([other]));
}

function splitName(name: string): { field: string; operator: Operator } {
  const dot = name.lastIndexOf('.');
  const field = name.slice(0, dot);
  const last = name.slice(dot + 1);
  const isOperator = dot > 0 && (OPERATORS as readonly string[]).includes(last);
  // `trackVar.not` is a path; `trackVar.not.in` has an operator.
  return isOperator && !PATHS.includes(field)
    ? { field, operator: last as Operator }
    : { field: name, operator: 'is' };
}
