import { Logger } from '@nestjs/common';
import {
  sumBasic,
  sumBy,
  sumClients,
  sumConsumers,
  SummaryHook,
  sumRoutes,
  sumStatuses,
  type UsageHook,
  type UsageStorage,
} from 'nestjs-track-usage';

/** What `forRoot()` keeps by itself. */
export const DEFAULT_HOOKS: readonly SummaryHook[] = [
  ...sumBasic,
  sumRoutes,
  sumStatuses,
  sumConsumers,
  sumClients,
  sumBy('consumer', 'route'),
];

/** Opens a storage as the module does. */
export async function openStorage<S extends UsageStorage>(
  storage: S,
  hooks: readonly UsageHook[],
): Promise<S> {
  await storage.open?.({
    logger: new Logger('bench'),
    summaries: hooks.filter((hook) => hook instanceof SummaryHook),
    timeZone: 'UTC',
    maxKeys: 10_000,
  });
  return storage;
}
