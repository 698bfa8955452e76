import { reportDimension } from '../../summary/index.js';
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

export function filterFields({ visible }: SiteParts, dimensions: readonly string[]): string[] {
  const named = dimensions.filter((name) => reportDimension(name) !== undefined);
  return [...new Set([...OFFERED, ...named])].filter((name) => !visible.hides(name));
}
