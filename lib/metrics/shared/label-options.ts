import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * The options for labels that every writer of metrics takes.
 *
 * @publicApi
 */
export interface MetricLabelOptions {
  /**
   * Further labels. `consumer`: who called; each consumer makes series of its own.
   * @default { consumer: false }
   */
  labels?: { consumer?: boolean };
  /**
   * The most consumers that have a label value of their own. Further ones count under `(other)`.
   * @default 100
   */
  maxConsumers?: number;
}

const DEFAULT_MAX_CONSUMERS = 100;

/** @throws {TrackUsageOptionsError} if an option is invalid. */
export function checkedLabels(
  { labels = {}, maxConsumers = DEFAULT_MAX_CONSUMERS }: MetricLabelOptions,
  owner: string,
): { readonly hasConsumers: boolean; readonly maxConsumers: number } {
  const fail = (option: string, value: unknown, expected: string): never => {
    throw new TrackUsageOptionsError(option, value, expected, { owner });
  };
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels))
    fail('labels', labels, 'an object such as { consumer: true }');
  const unknown = Object.keys(labels).find((name) => name !== 'consumer');
  if (unknown !== undefined) fail('labels', unknown, 'no other label than consumer');
  const { consumer = false } = labels;
  if (typeof consumer !== 'boolean') fail('labels.consumer', consumer, 'true or false');
  if (!Number.isSafeInteger(maxConsumers) || maxConsumers < 1)
    fail('maxConsumers', maxConsumers, 'a whole number from 1');
  return { hasConsumers: consumer, maxConsumers };
}
