import { hostname } from 'node:os';
import type { ModulesContainer } from '@nestjs/core';
import type { RequestCapture } from '../capture/index.js';
import { mergeRoutes, type ServiceRoutes } from '../storages/base/routes/route-note.js';
import { RouteReports } from '../reading/routes/route-reports.js';
import type { FoundRoute } from '../capture/routes/declared-routes.js';
import { FailureLog } from '../support/failure-log.js';
import { usageLogger } from '../support/usage-logger.js';
import type { TrackUsageModuleOptions } from './track-usage.options.js';
import type { UsagePipeline } from './usage-pipeline.js';

/** Lists the application's routes once they are registered, and tells the storages of them. */
export class RouteReporting {
  private reports: RouteReports | null = null;
  private own: (() => ServiceRoutes) | null = null;

  constructor(
    private readonly options: TrackUsageModuleOptions,
    private readonly capture: RequestCapture,
    private readonly pipeline: UsagePipeline,
  ) {}

  /** Waits for no storage. Does nothing without an HTTP server. */
  async start(modules: ModulesContainer): Promise<void> {
    const routes = await this.capture.declaredRoutes(modules);
    if (routes === null) return;
    const { service = null, release = null, serverName = hostname() } = this.options;
    const { storages, events } = this.pipeline;
    events.watchRoutes(routes);
    const at = Date.now();
    this.own = () => mergeRoutes(null, { service, release, routes, at });
    this.reports = new RouteReports(
      storages,
      new FailureLog(usageLogger()),
      { service, release, server: serverName, routes, stats: () => this.pipeline.stats() },
      (known) => learnDeprecation(routes, known),
    );
    this.reports.start();
  }

  /** The name of this process's note; null if it writes none. */
  get processId(): string | null {
    return this.reports && this.reports.id;
  }

  /** The routes of this process, once the storages have been told of them. */
  async routes(): Promise<ServiceRoutes | null> {
    await this.reports?.settled();
    return this.own?.() ?? null;
  }

  async stop(): Promise<void> {
    await this.reports?.stop();
  }
}

/** Takes over since when a storage knows routes as deprecated. */
function learnDeprecation(routes: readonly FoundRoute[], known: ServiceRoutes): void {
  const since = new Map(
    known.routes.map((route) => [keyOf(route), route.deprecatedSince] as const),
  );
  for (const { notice, ...route } of routes) {
    const instant = since.get(keyOf(route));
    if (notice && typeof instant === 'number')
      notice.knownSince = Math.min(notice.knownSince, instant);
  }
}

function keyOf({ method, path, apiVersion }: Pick<FoundRoute, 'method' | 'path' | 'apiVersion'>) {
  return JSON.stringify([method, path, apiVersion]);
}
