import {
  byBucket,
  capKeys,
  compareClaims,
  OTHER_KEY,
  type SummaryIncrement,
  type SummaryRow,
} from '../../../summary/index.js';
import { READ_LATEST } from '../connection/operation-options.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import { bucketId, KeyReservations, type WantedKeys } from './key-reservations.js';
import { rowId } from './sum-mapper.js';

const MAX_KNOWN = 100_000;

/** Increments. Those of rejected keys are under `(other)`. */
export interface Admitted {
  readonly rows: SummaryIncrement[];
  /** Ids of the buckets in which this batch has reservations. */
  readonly buckets: readonly string[];
}

/**
 * Caps the keys of each bucket over all writers. A new key gets a reservation before it gets a row.
 * The reservation is made in the bucket's document, in the same update that counts the bucket's
 * keys. A bucket that has rejected a key accepts no new ones, so a key counts in its own row or
 * under `(other)`, never in both. Keys of requests without a handler are the exception. They get at
 * most a tenth of the rows. A reservation lasts until the writer's batch has created the rows.
 */
export class KeyCardinalityCap {
  /** Ids of the rows that this process knows to be stored. */
  private readonly known = new Set<string>();
  private readonly reservations: KeyReservations;

  constructor(
    private readonly collections: MongoCollections,
    maxKeys: number,
  ) {
    this.reservations = new KeyReservations(collections, maxKeys);
  }

  /** Clears the known rows. */
  forget(): void {
    this.known.clear();
  }

  /** @param increments Each row once, in lock order. */
  async admit(increments: readonly SummaryIncrement[], writer: number): Promise<Admitted> {
    if (this.known.size > MAX_KNOWN) this.known.clear();
    const runs = [...byBucket(increments)].map((run) => ({
      run,
      ids: run.map((row) => this.idOf(row)),
    }));
    await this.lookUp(runs.flatMap(({ ids }) => ids));
    const asked = runs.flatMap(({ run, ids }): WantedKeys[] => {
      const fresh = run
        .filter(({ key }, index) => key !== OTHER_KEY && !this.known.has(ids[index]!))
        .sort(compareClaims);
      if (fresh.length === 0) return [];
      const unhandled = fresh.filter((row) => row.unhandled).length;
      return [{ bucket: fresh[0]!, wanted: fresh.map((row) => this.idOf(row)), unhandled }];
    });
    const rejected = new Set(await this.reservations.reserve(asked, writer));
    // If its row has been created meanwhile, a key has no reservation, but is not rejected.
    await this.lookUp([...rejected]);
    return {
      buckets: asked.map(({ bucket }) => bucketId(this.collections.website, bucket)),
      rows: runs.flatMap(({ run, ids }) => {
        const isRejected = (id: string) => rejected.has(id) && !this.known.has(id);
        if (!ids.some(isRejected)) return run;
        const kept = new Set(run.filter((_, i) => !isRejected(ids[i]!)).map(({ key }) => key));
        return capKeys(run, { size: kept.size, has: (key) => kept.has(key) }, 0);
      }),
    };
  }

  /** Notes that rows have been created. */
  made(rows: readonly SummaryIncrement[]): void {
    for (const row of rows) this.known.add(this.idOf(row));
  }

  private async lookUp(ids: readonly string[]): Promise<void> {
    const unknown = ids.filter((id) => !this.known.has(id));
    if (unknown.length === 0) return;
    const found = await this.collections.summaries
      .find({ _id: { $in: unknown } }, { ...READ_LATEST, projection: { _id: 1 } })
      .toArray();
    for (const { _id } of found) this.known.add(_id as string);
  }

  private idOf(row: SummaryRow): string {
    return rowId(this.collections.website, row);
  }
}
