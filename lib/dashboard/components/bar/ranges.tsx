import type { JSX } from 'preact';
import type { PanelContext } from '../../panels/panel-context.js';
import { linkTo } from '../../state/page-state.js';
import { dateIn, RANGES, rangesBeside, type RangeName } from '../../state/ranges.js';
import { StateFields } from './state-fields.js';

/** The spans to choose from, and dates of one's own. */
export function Ranges({ context }: { context: PanelContext }): JSX.Element {
  const { state, range, parts } = context;
  const { timeZone } = parts.source;
  const first = dateIn(range.startDate.getTime(), timeZone);
  const last = dateIn(range.endDate.getTime(), timeZone);
  const { shorter, longer } = rangesBeside(state.range, range);
  const isOwn = typeof state.range !== 'string';
  return (
    <nav class="seg" aria-label="Range">
      {Object.entries(RANGES).map(([name, { label }]) => (
        <a
          key={name}
          href={linkTo(state, { range: name as RangeName })}
          aria-current={state.range === name ? 'true' : undefined}
          data-shorter={name === shorter ? '' : undefined}
          data-longer={name === longer ? '' : undefined}
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
