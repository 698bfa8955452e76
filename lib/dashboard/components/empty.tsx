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

/** The same where the first look falls: without any request, with the command that makes one. */
export async function firstStep(context: PanelContext): Promise<JSX.Element> {
  const isFiltered = context.filters.length > 0;
  if (isFiltered || (await context.getUsage({ limit: 1 })).length > 0)
    return <Empty context={context} />;
  const path = (await context.parts.source.exampleRoute?.().catch(() => null)) ?? null;
  return (
    <p class="empty">
      No request yet. Make one{path === null && ', to a route that is tracked'}:{' '}
      <code>
        curl {context.origin}
        {path ?? '/'}
      </code>
    </p>
  );
}
