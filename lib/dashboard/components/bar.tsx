import type { JSX } from 'preact';
import type { PanelContext } from '../panels/panel-context.js';
import { shownText } from '../format/shown-text.js';
import type { Filter } from '../state/filters.js';
import { writeValue } from '../state/filter-value.js';
import { linkTo, withoutFilter, writeState, type PageState } from '../state/page-state.js';
import { dateIn, RANGES, type RangeName } from '../state/ranges.js';
import { COMPARISONS } from '../panels/traffic.js';

export interface BarProps {
  readonly context: PanelContext;
  readonly title: string | null;
  /** The fields that the form for a filter offers. */
  readonly fields: readonly string[];
  /** What stands before the names of files in links. */
  readonly base: string;
  /** The service that the figures are limited to, and may be freed from. */
  readonly service: string | null;
}

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

/** The bar that stays: what is seen, and how to see something else. */
export function Bar(props: BarProps): JSX.Element {
  const { context, title } = props;
  return (
    <header class="top">
      <div class="in">
        <a class="home" href="?">
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <rect x="2" y="11" width="4" height="7" rx="1" />
            <rect x="8" y="6" width="4" height="12" rx="1" />
            <rect x="14" y="2" width="4" height="16" rx="1" />
          </svg>
          Usage {title !== null && <span>{shownText(title, 40)}</span>}
        </a>
        <Ranges context={context} />
        <Compared context={context} />
        <Tools {...props} />
      </div>
      <div class="in chips">
        <Chips {...props} />
      </div>
    </header>
  );
}

function Ranges({ context: { state, range, parts } }: { context: PanelContext }): JSX.Element {
  const { timeZone } = parts.source;
  const first = dateIn(range.startDate.getTime(), timeZone);
  const last = dateIn(range.endDate.getTime(), timeZone);
  const isOwn = typeof state.range !== 'string';
  return (
    <nav class="seg" aria-label="Range">
      {Object.entries(RANGES).map(([name, { label }]) => (
        <a
          key={name}
          href={linkTo(state, { range: name as RangeName })}
          aria-current={state.range === name ? 'true' : undefined}
          data-range
        >
          {label}
        </a>
      ))}
      <details class="menu">
        <summary class={isOwn ? 'current' : undefined}>dates…</summary>
        <form method="get" class="pop">
          <StateFields state={{ ...state, range: '7d', more: null, after: null }} />
          <label>
            from <input type="date" name="start" value={first} required />
          </label>
          <label>
            to <input type="date" name="end" value={last} required />
          </label>
          <button type="submit">Show</button>
        </form>
      </details>
    </nav>
  );
}

function Compared({ context: { state } }: { context: PanelContext }): JSX.Element {
  const { compare } = state;
  const choices = [...Object.entries(COMPARISONS), ['off', 'nothing']] as const;
  return (
    <details class="menu cmp" data-compare>
      <summary>
        compared with <b>{compare ? COMPARISONS[compare] : 'nothing'}</b>
      </summary>
      <div class="pop">
        {choices.map(([name, label]) => (
          <a
            key={name}
            href={linkTo(state, { compare: name === 'off' ? null : (name as 'week') })}
            aria-current={(compare ?? 'off') === name ? 'true' : undefined}
          >
            {label}
          </a>
        ))}
      </div>
    </details>
  );
}

function Tools({ context, base }: BarProps): JSX.Element {
  const { parts, range, filters } = context;
  const filter = filterQuery(filters);
  const dates = `startDate=${range.startDate.toISOString()}&endDate=${range.endDate.toISOString()}${filter}`;
  const report = (dimension: string, type: string) =>
    `${base}report.${type}?metrics=hits,errorRate,p95,transfer&dimensions=${dimension}&${dates}&limit=10000`;
  const dimension = parts.visible.hides('route') ? 'status' : 'route';
  return (
    <div class="tools">
      {parts.records && (
        <button type="button" class="btn script" data-live aria-pressed="false">
          <i aria-hidden="true" />
          Live
        </button>
      )}
      <details class="menu" data-export>
        <summary class="btn">Export</summary>
        <div class="pop">
          {parts.records && (
            <>
              <a href={`${base}records.csv?${dates}`} download>
                requests, CSV
              </a>
              <a href={`${base}records.ndjson?${dates}`} download>
                requests, lines of JSON
              </a>
            </>
          )}
          <a href={report(dimension, 'csv')} download>
            by {dimension}, CSV
          </a>
          <a href={report(dimension, 'json')}>by {dimension}, JSON</a>
          {!parts.visible.hides('consumer') && (
            <a href={report('consumer', 'csv')} download>
              by consumer, CSV
            </a>
          )}
        </div>
      </details>
    </div>
  );
}

function Chips({ context, fields, service }: BarProps): JSX.Element {
  const { state, range, dates, parts } = context;
  const { view } = state;
  return (
    <>
      {(view.kind === 'route' || view.kind === 'consumer') && (
        <a class="chip own" href={linkTo(state, { view: { kind: 'overview' } })}>
          {view.kind} <b>is</b> <bdi>{shownValue(view.value)}</bdi>
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
          <bdi>{filter.values.map(shownValue).join(' or ')}</bdi>
          <Cross of={`the filter by ${shownText(filter.field, 40)}`} />
        </a>
      ))}
      {service !== null && (
        <a class="chip" href={linkTo(state, { allServices: true })}>
          service <b>is</b> <bdi>{shownText(service, 40)}</bdi>
          <Cross of="the filter by service" />
        </a>
      )}
      <details class="menu" data-filter>
        <summary class="chip add">
          + filter <kbd class="script">/</kbd>
        </summary>
        <form method="get" class="pop">
          <StateFields state={{ ...state, more: null, after: null }} />
          <label>
            what{' '}
            <select name="add.field">
              {fields.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <label>
            <span class="sr">how</span>
            <select name="add.operator">
              <option value="is">is</option>
              <option value="not">is not</option>
              <option value="startsWith">begins with</option>
              <option value="contains">contains</option>
              <option value="gte">from</option>
              <option value="lte">up to</option>
            </select>
          </label>
          <label>
            <span class="sr">value</span>
            <input name="add.value" autocomplete="off" placeholder="value" />
          </label>
          <button type="submit">Add</button>
        </form>
      </details>
      <p class="zone">
        {dates.day(range.startDate)} –{' '}
        {dates.moment(new Date(Math.min(range.endDate.getTime(), context.now)))}
        {' · '}
        {parts.source.timeZone}
        {parts.source.isSampled && ' · counts are estimates of a sample'}
      </p>
    </>
  );
}

/** The parameters of a state as hidden fields of a form. */
function StateFields({ state }: { state: PageState }): JSX.Element {
  return (
    <>
      {[...writeState(state)].map(([name, value], at) => (
        <input key={at} type="hidden" name={name} value={value} />
      ))}
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

function shownValue(value: Filter['values'][number]): string {
  return shownText(value === null ? 'none' : writeValue(value).replace(/^\\/, ''), 60);
}

function filterQuery(filters: readonly Filter[]): string {
  const query = writeState({ ...EMPTY, filters }).toString();
  return query === '' ? '' : `&${query}`;
}

const EMPTY: PageState = {
  range: '7d',
  compare: 'week',
  filters: [],
  view: { kind: 'overview' },
  order: {},
  more: null,
  after: null,
  allServices: false,
  whole: false,
};
