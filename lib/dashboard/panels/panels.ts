import { dimensionOfSummary, ownSummaries } from '../data/own-summaries.js';
import { hidesReview } from '../data/shown-review.js';
import type { View } from '../state/page-state.js';
import { breakdown, STANDARD } from './breakdowns.js';
import { clients } from './clients/clients.js';
import { consumers } from './consumers.js';
import { deletable } from './deletable/deletable.js';
import { latest } from './latest.js';
import type { Panel } from './panel.js';
import type { SiteParts } from './panel-context.js';
import { noRecords, recordPanel } from './record.js';
import { routes } from './routes.js';
import { statuses } from './statuses.js';
import { tiles } from './tiles.js';
import { tracking } from './tracking.js';
import { traffic } from './traffic.js';

/** The panels of a view, in their order, without those that show what is hidden. */
export function panelsOf(view: View, parts: SiteParts, dimensions: readonly string[]): Panel[] {
  const { visible, source } = parts;
  if (view.kind === 'record') return [parts.records ? recordPanel(view.id) : noRecords];
  const standard = STANDARD.map(([name]) => name);
  // Summaries of one's own, and what the option names; each once.
  const more = [...ownSummaries(source.summaries), ...dimensions.map(dimensionOfSummary)]
    .filter((name, at, all) => all.indexOf(name) === at)
    .filter((name) => !standard.includes(name));
  const byName = (panel: Panel, dimension: string) => (visible.hides(dimension) ? [] : [panel]);
  return [
    tiles,
    traffic,
    ...(view.kind === 'route' ? [] : byName(routes, 'route')),
    ...(view.kind === 'consumer' ? [] : byName(consumers, 'consumer')),
    ...byName(clients, 'client'),
    ...(visible.hides('route') || visible.hides('status') ? [] : [statuses]),
    ...STANDARD.flatMap(([name, title]) => byName(breakdown(name, title), name)),
    ...more.flatMap((name) => byName(breakdown(name, name), name)),
    ...(parts.records ? [latest] : []),
    ...(view.kind === 'overview' && !hidesReview(visible) ? [deletable] : []),
    ...(view.kind === 'overview' ? [tracking] : []),
  ];
}
