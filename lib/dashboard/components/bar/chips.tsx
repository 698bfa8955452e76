import type { JSX } from 'preact';
import type { ConsumerNamesById } from '../../data/consumer-names.js';
import { shownText } from '../../format/shown-text.js';
import type { PanelContext } from '../../panels/panel-context.js';
import { writeValue } from '../../state/filter-value.js';
import type { Filter } from '../../state/filters.js';
import { linkTo, withoutFilter } from '../../state/page-state.js';
import { FilterForm } from './filter-form.js';
import { Zone } from './zone.js';

const OPERATORS: Readonly<Record<string, string>> = {
  is: 'is',
  in: 'is',
  not: 'is not',
  notIn: 'is not',
  gt: 'above',
  gte: 'from',
  lt: 'below',
  lte: 'up to',
  startsWith: 'begins with',
  contains: 'contains',
};

export interface ChipsProps {
  readonly context: PanelContext;
  /** The fields that the form for a filter offers. */
  readonly fields: readonly string[];
  /** The service that the figures are limited to, and may be freed from. */
  readonly service: string | null;
  /** What the application calls the consumers that are filtered by. */
  readonly names: ConsumerNamesById;
}

/** The filters, each of which can be taken away, the form for another, and what the figures are of. */
export function Chips({ context, fields, service, names }: ChipsProps): JSX.Element {
  const { state } = context;
  const { view } = state;
  return (
    <>
      {(view.kind === 'route' || view.kind === 'consumer') && (
        <a class="chip own" href={linkTo(state, { view: { kind: 'overview' } })}>
          {view.kind} <b>is</b> <bdi>{shownValue(view.kind, view.value, names)}</bdi>
          <Cross of={`this ${view.kind}`} />
        </a>
      )}
      {state.filters.map((filter) => (
        <a
          key={filter.field + filter.operator}
          class="chip"
          href={linkTo(state, { filters: withoutFilter(state.filters, filter) })}
        >
          {shownText(filter.field, 40)} <b>{OPERATORS[filter.operator]}</b>{' '}
          <bdi>
            {filter.values.map((value) => shownValue(filter.field, value, names)).join(' or ')}
          </bdi>
          <Cross of={`the filter by ${shownText(filter.field, 40)}`} />
        </a>
      ))}
      {service !== null && (
        <a class="chip" href={linkTo(state, { allServices: true })}>
          service <b>is</b> <bdi>{shownText(service, 40)}</bdi>
          <Cross of="the filter by service" />
        </a>
      )}
      <FilterForm state={state} fields={fields} />
      <Zone context={context} />
    </>
  );
}

function Cross({ of }: { of: string }): JSX.Element {
  return (
    <span class="cross">
      <span aria-hidden="true">×</span>
      <span class="sr">, remove {of}</span>
    </span>
  );
}

function shownValue(
  field: string,
  value: Filter['values'][number],
  names: ConsumerNamesById,
): string {
  const described = field === 'consumer' && typeof value === 'string' && names.get(value);
  if (described) return shownText(described.name, 60);
  return shownText(value === null ? 'none' : writeValue(value).replace(/^\\/, ''), 60);
}
