import { reportDimension } from '../../summary/index.js';
import { dimensionOfSummary, ownSummaries } from '../data/own-summaries.js';
import type { SiteParts } from '../panels/panel-context.js';

/** The fields that the page offers to filter by, those that people ask for most first. */
const OFFERED = [
  'consumer',
  'consumerGroup',
  'route',
  'statusClass',
  'status',
  'method',
  'client',
  'kind',
  'country',
  'language',
  'release',
  'apiVersion',
  'server',
  'service',
  'outcome',
  'path',
  'username',
  'remote',
];

export function filterFields(
  { visible, source }: SiteParts,
  dimensions: readonly string[],
): string[] {
  const own = ownSummaries(source.summaries);
  const named = dimensions
    .map(dimensionOfSummary)
    .filter((name) => reportDimension(name) !== undefined || own.includes(name));
  return [...new Set([...OFFERED, ...own, ...named])].filter((name) => !visible.hides(name));
}
