import type { UsageService } from '../reading/usage.service.js';
import type { UsageSource } from '../reading/usage-source.js';
import { summariesOf } from '../summary/index.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import type { DashboardSource } from './dashboard-source.js';
import { processStates } from './process-states.js';

/** The application's first storage that can be read, and the state of its tracking. */
export function applicationSource(usage: UsageService, source: UsageSource): DashboardSource {
  const { timeZone } = source;
  const read = readStorage(source);
  return {
    storage: read?.name ?? 'none',
    timeZone,
    service: source.service,
    summaries: summariesOf(read?.options?.hooks).map(({ dimension }) => dimension),
    namesUsers: source.namesUsers,
    isSampled: source.sampleRate < 1,
    exampleRoute: () => exampleRoute(source),
    report: (query) => usage.report(query),
    getUsage: (query) => usage.getUsage(query),
    streamUsage: (filter) => usage.streamUsage(filter),
    reviewRoutes: (query) => usage.reviewRoutes(query),
    processes: () => processStates(source, read),
  };
}

/** The first tracked route of this process that takes no arguments. */
async function exampleRoute(source: UsageSource): Promise<string | null> {
  const own = await source.routes();
  const found = own?.routes.find(
    ({ method, path, tracked }) => tracked && method === 'GET' && /^[\w/.~-]*$/.test(path),
  );
  return found?.path ?? null;
}

/** The storage that `UsageService` reads from. */
export function readStorage({ storages }: UsageSource): UsageStorage | undefined {
  return storages.find((storage) => typeof storage.getUsage === 'function') ?? storages[0];
}
