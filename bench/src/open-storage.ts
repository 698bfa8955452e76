import { Logger } from '@nestjs/common';
import { SummaryHook, type UsageHook, type UsageStorage } from 'nestjs-track-usage';

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
