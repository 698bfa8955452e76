import {
  DROP_REASONS,
  type DropReason,
  type StorageStats,
} from '../../storages/contract/storage-stats.js';

/** Returns the counts of an application's storages, by their names. */
export type StatsSource = () => Readonly<Record<string, StorageStats>>;

/** A count of records. Only dropped records have a reason. */
export interface RecordCount {
  readonly storage: string;
  readonly state: 'seen' | 'stored' | 'dropped';
  readonly reason: DropReason | null;
  readonly value: number;
}

/** The records that wait for a storage. */
export interface WaitingCount {
  readonly storage: string;
  readonly value: number;
}

type Counted = Pick<StorageStats, 'seen' | 'stored' | 'dropped'>;

/**
 * Adds up the counts of one or more applications in a process, such as one after the other by a hot
 * reload. What a closed application has counted stays, so that no sum ever falls.
 */
export class StatsSources {
  private readonly users = new Map<StatsSource, number>();
  private readonly ended = new Map<string, Counted>();

  /** Adds a source, once for however many writers of an application. */
  add(source: StatsSource): void {
    this.settle();
    this.users.set(source, (this.users.get(source) ?? 0) + 1);
  }

  /** One of the source's writers was closed. */
  remove(source: StatsSource): void {
    const users = this.users.get(source);
    if (users) this.users.set(source, users - 1);
  }

  /** For each storage: seen, stored, and dropped by each reason, those that never occurred too. */
  counts(): RecordCount[] {
    this.settle();
    const sums = new Map(this.ended);
    for (const source of this.users.keys()) addTo(sums, source());
    return [...sums].flatMap(([storage, { seen, stored, dropped }]) => [
      { storage, state: 'seen', reason: null, value: seen },
      { storage, state: 'stored', reason: null, value: stored },
      ...DROP_REASONS.map((reason): RecordCount => {
        return { storage, state: 'dropped', reason, value: dropped[reason] ?? 0 };
      }),
    ]);
  }

  waiting(): WaitingCount[] {
    const sums = new Map<string, number>([...this.ended.keys()].map((storage) => [storage, 0]));
    for (const source of this.users.keys())
      for (const [storage, { waiting }] of Object.entries(source()))
        sums.set(storage, (sums.get(storage) ?? 0) + waiting);
    return [...sums].map(([storage, value]) => ({ storage, value }));
  }

  /** Takes over the last counts of applications that have closed. */
  private settle(): void {
    for (const [source, users] of this.users) {
      if (users > 0) continue;
      const stats = source();
      // The application's other storages may still drain after the writer was closed.
      if (Object.values(stats).some(({ waiting }) => waiting > 0)) continue;
      addTo(this.ended, stats);
      this.users.delete(source);
    }
  }
}

function addTo(sums: Map<string, Counted>, stats: Readonly<Record<string, StorageStats>>): void {
  for (const [storage, { seen, stored, dropped }] of Object.entries(stats)) {
    const before = sums.get(storage) ?? { seen: 0, stored: 0, dropped: {} };
    const reasons = new Set([...Object.keys(before.dropped), ...Object.keys(dropped)]);
    sums.set(storage, {
      seen: before.seen + seen,
      stored: before.stored + stored,
      dropped: Object.fromEntries(
        ([...reasons] as DropReason[]).map((reason) => [
          reason,
          (before.dropped[reason] ?? 0) + (dropped[reason] ?? 0),
        ]),
      ),
    });
  }
}
