import type { JSX } from 'preact';
import type { PanelContext } from '../panels/panel-context.js';
import { linkTo } from '../state/page-state.js';
import type { Column } from './data-table.js';

/** The link that shows many rows, or few again. */
export function MoreLink({
  context,
  panel,
  rest,
}: {
  context: PanelContext;
  panel: string;
  rest: boolean;
}): JSX.Element | null {
  const { state } = context;
  if (state.more === panel) return <a href={`${linkTo(state, {})}#${panel}`}>show fewer</a>;
  return rest ? <a href={`${linkTo(state, { more: panel })}#${panel}`}>show all</a> : null;
}

/** A column by which a table can be ordered. */
export function ordered(
  { state }: PanelContext,
  panel: string,
  sorted: string,
  column: Column,
): Column {
  return {
    ...column,
    isSorted: column.name === sorted,
    href: `${linkTo(state, { order: { ...state.order, [panel]: column.name } })}#${panel}`,
  };
}
