import { randomUUID } from 'node:crypto';
import type { DeclaredRoute } from '../../record/route-deprecation.js';
import type { StorageStats } from '../../storages/contract/storage-stats.js';
import type { UsageStorage } from '../../storages/contract/usage-storage.js';
import type { FailureLog } from '../../support/failure-log.js';
import { withTimeLimit } from '../../support/time-limit.js';
import { REPORT_INTERVAL_MS, reportingProcesses, textOfProcess } from './process-note.js';
import {
  digestOfRoutes,
  isNewerNote,
  mergeRoutes,
  routeNoteName,
  serviceRoutesOf,
  textOfServiceRoutes,
  type ServiceRoutes,
} from '../../storages/base/routes/route-note.js';

/** What this process tells the others of itself. */
export interface ReportedProcess {
  readonly service: string | null;
  readonly release: string | null;
  readonly server: string;
  /** Null if they cannot be listed. */
  readonly routes: readonly DeclaredRoute[] | null;
  stats(): Readonly<Record<string, StorageStats>>;
}

/** A storage that keeps notes. */
export type NotingStorage = UsageStorage & Required<Pick<UsageStorage, 'readNotes' | 'changeNote'>>;

/** A storage that is slow to take the last note must not delay the end of the process. */
const FAREWELL_MS = 500;

/**
 * Tells the storages which routes this process serves: once at the start, and that it still does
 * every 20 seconds. Failures are logged once; the next report comes all the same.
 */
export class RouteReports {
  /** The name of the process's note. */
  readonly id = randomUUID();
  private readonly startedAt = Date.now();
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private isWorking = false;
  private isStopped = false;
  /** The storages that know the routes. */
  private readonly told = new Set<NotingStorage>();

  /** @param onStored Called with what a storage knows of the service's routes now. */
  constructor(
    private readonly storages: readonly UsageStorage[],
    private readonly log: FailureLog,
    private readonly reported: ReportedProcess,
    private readonly onStored: (known: ServiceRoutes) => void,
  ) {}

  start(): void {
    if (this.noting().length === 0) return;
    this.run();
    this.timer = setInterval(() => this.run(), REPORT_INTERVAL_MS);
    // The timer must not keep the process alive.
    this.timer.unref();
  }

  /** Resolves when the report that is under way, if any, has reached the storages or failed. */
  settled(): Promise<void> {
    return this.working;
  }

  /** Takes the process's note back. Resolves when no storage is asked any more. */
  async stop(): Promise<void> {
    if (this.isStopped) return;
    this.isStopped = true;
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    const farewell = this.working.then(() =>
      this.each((storage) => storage.changeNote('process', this.id, () => null)),
    );
    await withTimeLimit(farewell, FAREWELL_MS, () => {});
  }

  private run(): void {
    // A storage that hangs is not asked once more.
    if (this.isWorking) return;
    this.isWorking = true;
    this.working = this.each((storage) => this.tell(storage)).finally(() => {
      this.isWorking = false;
    });
  }

  private async tell(storage: NotingStorage): Promise<void> {
    if (!this.told.has(storage)) {
      await this.storeRoutes(storage);
      await this.deleteSilent(storage);
      this.told.add(storage);
    }
    if (!this.isStopped) await this.report(storage);
  }

  private async each(step: (storage: NotingStorage) => Promise<void>): Promise<void> {
    await Promise.all(
      this.noting().map(async (storage) => {
        try {
          await step(storage);
        } catch (error) {
          this.log.once(
            `Storage '${storage.name}' could not be told which routes this process serves; it is tried again.`,
            error,
          );
        }
      }),
    );
  }

  private async report(storage: NotingStorage): Promise<void> {
    const { service, release, server } = this.reported;
    const routes = this.routesOf(storage);
    const text = textOfProcess({
      service,
      release,
      server,
      pid: process.pid,
      startedAt: this.startedAt,
      at: Date.now(),
      list: routes && digestOfRoutes(routes),
      storages: this.reported.stats(),
    });
    await storage.changeNote('process', this.id, () => text);
  }

  private async storeRoutes(storage: NotingStorage): Promise<void> {
    const { service, release } = this.reported;
    const routes = this.routesOf(storage);
    if (routes === null) return;
    let known: ServiceRoutes | null = null;
    await storage.changeNote('routes', routeNoteName(service), (text) => {
      if (isNewerNote(text)) return undefined;
      known = mergeRoutes(serviceRoutesOf(text), { service, release, routes, at: Date.now() });
      return textOfServiceRoutes(known);
    });
    if (known) this.onStored(known);
  }

  /** Deletes the notes of processes that ended without taking them back. */
  private async deleteSilent(storage: NotingStorage): Promise<void> {
    const notes = await storage.readNotes('process');
    const alive = reportingProcesses(notes, Date.now());
    for (const [id, text] of notes)
      if (!alive.has(id) && !isNewerNote(text))
        await storage.changeNote('process', id, (now) => (now === text ? null : undefined));
  }

  /** The routes with what this storage receives of them. */
  private routesOf({ name }: UsageStorage): readonly DeclaredRoute[] | null {
    const { routes } = this.reported;
    return (
      routes?.map((route) => ({
        ...route,
        tracked: route.tracked && (route.storages?.includes(name) ?? true),
      })) ?? null
    );
  }

  private noting(): readonly NotingStorage[] {
    return this.storages.filter(
      (storage): storage is NotingStorage =>
        typeof storage.readNotes === 'function' && typeof storage.changeNote === 'function',
    );
  }
}
