import type { JSX } from 'preact';
import type { PanelContext } from '../panels/panel-context.js';

/** What stands where there is nothing to show. */
export function Empty({ context }: { context: PanelContext }): JSX.Element {
  const isFiltered = context.filters.length > 0;
  return (
    <p class="empty">
      {isFiltered ? 'No request has these filters in this range.' : 'No request in this range.'}
    </p>
  );
}
