import type { DashboardSource } from '../dashboard-source.js';
import type { QueryPool } from './query-pool.js';

/** How long an answer counts. Old records are not deleted often. */
const LIFETIME_MS = 60_000;

/** Finds out since when there are records. */
export class OldestRecord {
  private known: { readonly until: number; readonly date: Date } | null = null;

  constructor(
    private readonly source: DashboardSource,
    private readonly pool: QueryPool,
  ) {}

  /** The date of the oldest record; null if there is none, or the storage cannot tell now. */
  async date(signal: AbortSignal): Promise<Date | null> {
    const now = Date.now();
    if (this.known !== null && this.known.until >= now) return this.known.date;
    try {
      const [oldest] = await this.pool.run('oldest record', signal, (pooled) =>
        this.source.getUsage({ orderBy: { date: 'asc' }, limit: 1, signal: pooled }),
      );
      if (!oldest) return null;
      this.known = { until: now + LIFETIME_MS, date: oldest.date };
      return oldest.date;
    } catch {
      // The figures stand without it, and the next panel asks again.
      return null;
    }
  }
}
