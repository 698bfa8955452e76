import {
  Inject,
  Module,
  type DynamicModule,
  type NestModule,
  type OnModuleDestroy,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { UsageService } from '../reading/usage.service.js';
import { UsageSource } from '../reading/usage-source.js';
import { FailureLog } from '../support/failure-log.js';
import { usageLogger } from '../support/usage-logger.js';
import { applicationSource } from './application-source.js';
import { dashboardController, fitToPlatform } from './dashboard.controller.js';
import {
  checkDashboardOptions,
  DASHBOARD_OPTIONS,
  type CheckedDashboardOptions,
  type UsageDashboardOptions,
} from './dashboard-options.js';
import { UsageDashboardGuard } from './guards/dashboard.guard.js';
import { OpenRequests } from './http/open-requests.js';
import { UnusedConnections } from './http/unused-connections.js';
import { DashboardSite } from './site/dashboard-site.js';

const CONTROLLER = Symbol('UsageDashboardController');

/** Absent without TrackUsageModule, which is global. */
const TRACKING = [
  { token: UsageService, optional: true },
  { token: UsageSource, optional: true },
];

/**
 * Mounts a page into the application that shows who uses it: which routes, how often, how fast, from
 * where and with which client, out of the application's own database.
 *
 * @example
 * \@Module({
 *   imports: [
 *     TrackUsageModule.forRoot(),
 *     UsageDashboardModule.forRoot({ path: 'usage', guards: [AdminGuard] }),
 *   ],
 * })
 * export class AppModule {}
 *
 * @publicApi
 */
@Module({})
export class UsageDashboardModule implements NestModule, OnModuleInit, OnModuleDestroy {
  /** @internal */
  constructor(
    @Inject(OpenRequests) private readonly requests: OpenRequests,
    @Inject(UnusedConnections) private readonly connections: UnusedConnections,
    @Inject(CONTROLLER) private readonly controller: Type,
    private readonly host: HttpAdapterHost,
  ) {}

  /**
   * Creates the module. The page is closed: whoever wants it open has to write `guards: 'none'`.
   *
   * @throws {TrackUsageOptionsError} if there are no guards, or an option does not fit.
   */
  static forRoot(options: UsageDashboardOptions): DynamicModule {
    const checked = checkDashboardOptions(options);
    const controller = dashboardController(checked.path);
    return {
      module: UsageDashboardModule,
      imports: options.imports ?? [],
      controllers: [controller],
      providers: [
        { provide: DASHBOARD_OPTIONS, useValue: checked },
        { provide: CONTROLLER, useValue: controller },
        {
          provide: DashboardSite,
          inject: [DASHBOARD_OPTIONS, ...TRACKING],
          useFactory: siteOf,
        },
        OpenRequests,
        UnusedConnections,
        UsageDashboardGuard,
      ],
    };
  }

  /**
   * Nest calls this before it registers the routes.
   *
   * @internal
   */
  configure(): void {
    fitToPlatform(this.controller, this.host.httpAdapter?.getType());
  }

  /** @internal */
  onModuleInit(): void {
    this.connections.watch(this.host.httpAdapter?.getHttpServer());
  }

  /**
   * Streams would keep the server open. Nest calls this before it closes the server.
   *
   * @internal
   */
  onModuleDestroy(): void {
    this.requests.close();
    this.connections.end();
  }
}

function siteOf(
  options: CheckedDashboardOptions,
  usage: UsageService | undefined,
  source: UsageSource | undefined,
): DashboardSite {
  if (!usage || !source)
    throw new Error(
      'UsageDashboardModule shows what TrackUsageModule tracks, and there is none. Write imports: ' +
        '[TrackUsageModule.forRoot(), UsageDashboardModule.forRoot({ … })] in the root module.',
    );
  const failures = new FailureLog(usageLogger());
  return new DashboardSite(applicationSource(usage, source), options, (error) =>
    failures.once('describeConsumers() failed; the dashboard shows ids.', error),
  );
}
