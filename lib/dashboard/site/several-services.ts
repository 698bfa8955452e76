import type { QueryPool } from '../data/query-pool.js';
import type { DashboardSource } from '../dashboard-source.js';

/** How long an answer counts. Services do not join a database often. */
const LIFETIME_MS = 600_000;

/** Finds out whether other services store into the same database. */
export class SeveralServices {
  private known: { readonly until: number; readonly answer: boolean } | null = null;

  constructor(
    private readonly source: DashboardSource,
    private readonly pool: QueryPool,
  ) {}

  /** The application's own service, if there are others; else null. */
  async ownOfSeveral(now: number, signal: AbortSignal): Promise<string | null> {
    const { service } = this.source;
    if (service === null) return null;
    if (this.known === null || this.known.until < now) {
      const where = { service: { notIn: [service, null] } };
      const others = await this.pool.run('services', signal, (pooled) =>
        this.source.getUsage({ where, limit: 1, signal: pooled }),
      );
      this.known = { until: now + LIFETIME_MS, answer: others.length > 0 };
    }
    return this.known.answer ? service : null;
  }
}
