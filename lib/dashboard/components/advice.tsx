import type { JSX } from 'preact';
import { isAnsweredBySums } from '../data/answered-by-sums.js';
import { shownText } from '../format/shown-text.js';
import type { PanelContext } from '../panels/panel-context.js';

/** The hooks that keep sums of one dimension. */
const HOOKS: Readonly<Record<string, string>> = {
  route: 'sumRoutes',
  consumer: 'sumConsumers',
  client: 'sumClients',
  status: 'sumStatuses',
  country: 'sumGeo',
  language: 'sumLanguages',
  server: 'sumServer',
  release: 'sumReleases',
  blueprint: 'sumBlueprints',
  remote: 'sumRemotes',
  visitor: 'sumVisitors',
  userAgent: 'sumUserAgents',
  url: 'sumUrls',
};

/** What a panel shows, and of which dimensions it is made. */
export interface Counted {
  readonly dimensions: readonly string[];
  /** What is counted so, if it is not the whole panel: `Kinds are`. */
  readonly of?: string;
}

/**
 * Which hooks to add, and what to run then, so that sums answer what is counted from records. Nothing
 * if the storage has the hooks already, or filters ask for more than hooks can tell.
 */
export function Advice({
  context,
  needs,
}: {
  context: PanelContext;
  needs: readonly Counted[];
}): JSX.Element | null {
  const { storage, summaries } = context.parts.source;
  const missing = needs.filter(({ dimensions }) => !isAnsweredBySums({ dimensions }, summaries));
  if (context.filters.length > 0 || missing.length === 0) return null;
  return (
    <details class="advice">
      <summary>Make it faster</summary>
      {missing.map(({ dimensions, of = 'This panel is' }) => (
        <p key={dimensions.join()}>
          {of} counted from records. Add the hook <code>{hookFor(dimensions)}</code> to the storage{' '}
          <code>{shownText(storage, 60)}</code>.
        </p>
      ))}
      <p>
        Then start the application again, and let it count what is stored:{' '}
        <code>npx nestjs-track-usage rebuild</code>
      </p>
    </details>
  );
}

/** The hook that keeps sums of some dimensions, as it is written. */
function hookFor(dimensions: readonly string[]): string {
  const [only] = dimensions;
  if (dimensions.length === 1 && only !== undefined && Object.hasOwn(HOOKS, only))
    return HOOKS[only]!;
  // A summary of several tells each of them; statuses are few.
  const names = dimensions.length === 1 ? [...dimensions, 'status'] : dimensions;
  return `sumBy(${names.map((name) => `'${shownText(name, 60)}'`).join(', ')})`;
}
