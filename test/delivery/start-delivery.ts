import {
  type UsageHookFunction,
  type UsageRecord,
  type UsageStorage,
  DEFAULT_DELIVERY_OPTIONS,
  type DeliveryOptions,
} from 'nestjs-track-usage';
import { Delivery } from '../../lib/delivery/index.js';

/** Log lines by level. */
export class LogLines {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];
  readonly notes: string[] = [];
  error = (line: string) => void this.errors.push(line);
  warn = (line: string) => void this.warnings.push(line);
  log = (line: string) => void this.notes.push(line);
}

export function startDelivery(
  storages: readonly UsageStorage[],
  options: DeliveryOptions = {},
  hooks: readonly UsageHookFunction[] = [],
) {
  const logger = new LogLines();
  const announced: UsageRecord[] = [];
  const delivery = new Delivery(
    storages.map((storage) => ({
      storage,
      options: { ...DEFAULT_DELIVERY_OPTIONS, ...options, ...storage.options },
      hooks: [...hooks, ...((storage.options?.hooks ?? []) as UsageHookFunction[])],
    })),
    logger,
    { recordStored: (record) => announced.push(record), batchStored: () => undefined },
  );
  return { delivery, logger, announced };
}

/** The conservation law, and the counts that it is about. */
export function countsOf(delivery: Delivery, storage: UsageStorage) {
  const stats = delivery.stats()[storage.name];
  if (stats === undefined) throw new Error(`no counts of ${storage.name}`);
  const dropped = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
  if (stats.seen !== stats.stored + stats.waiting + dropped)
    throw new Error(`records are unaccounted for: ${JSON.stringify(stats)}`);
  return stats;
}
