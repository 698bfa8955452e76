import {
  byBucket,
  capKeys,
  compareClaims,
  OTHER_KEY,
  type SummaryIncrement,
  type SummaryRow,
} from '../../../summary/index.js';
import { READ_LATEST, SIMPLE_COLLATION } from '../connection/operation-options.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import { bucketId, KeyNotes, type WantedKeys } from './key-notes.js';
import { rowId } from './sum-mapper.js';

const MOST_KNOWN = 100_000;

/** Increments with those of keys beyond the cap under `(other)`. */
export interface Admitted {
  readonly rows: SummaryIncrement[];
  /** Buckets that wait for rows of this batch. */
  readonly buckets: readonly string[];
}

/**
 * Lets no bucket have more keys than it may, whoever writes: a new key is noted in its bucket's
 * document, in one step with the count of the bucket's keys, before it gets a row. A bucket that
 * had to turn a key away takes no new ones, so that a key counts in its own row or under
 * `(other)`, never in both: but for keys of requests without a handler, which get a tenth of the
 * rows at most. A note lasts until the writer's batch has made the rows.
 */
export class KeyCardinalityCap {
  /** Rows that are there for all that this process knows. */
  private readonly known = new Set<string>();
  private readonly notes: KeyNotes;

  constructor(
    private readonly place: MongoCollections,
    maxKeys: number,
  ) {
    this.notes = new KeyNotes(place, maxKeys);
  }

  /** Forgets which rows are there. */
  forget(): void {
    this.known.clear();
  }

  /** @param increments Each row once, in the order of writers. */
  async admit(increments: readonly SummaryIncrement[], writer: number): Promise<Admitted> {
    if (this.known.size > MOST_KNOWN) this.known.clear();
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
    const rejected = new Set(await this.notes.note(asked, writer));
    // One that is noted no more because its row has been made meanwhile is not rejected.
    await this.lookUp([...rejected]);
    return {
      buckets: asked.map(({ bucket }) => bucketId(this.place.website, bucket)),
      rows: runs.flatMap(({ run, ids }) => {
        const isAway = (id: string) => rejected.has(id) && !this.known.has(id);
        if (!ids.some(isAway)) return run;
        const stays = new Set(run.filter((_, i) => !isAway(ids[i]!)).map(({ key }) => key));
        return capKeys(run, { size: stays.size, has: (key) => stays.has(key) }, 0);
      }),
    };
  }

  /** The updates by which a writer takes back its notes in buckets, once its rows are made. */
  static release(buckets: readonly string[], writer: number): object[] {
    return buckets.map((bucket) => ({
      updateOne: {
        filter: { _id: bucket },
        collation: SIMPLE_COLLATION,
        update: { $unset: { [`pending.${writer}`]: 1 } },
      },
    }));
  }

  /** Remembers that rows have been made. */
  made(rows: readonly SummaryIncrement[]): void {
    for (const row of rows) this.known.add(this.idOf(row));
  }

  private async lookUp(ids: readonly string[]): Promise<void> {
    const unknown = ids.filter((id) => !this.known.has(id));
    if (unknown.length === 0) return;
    const found = await this.place.summaries
      .find({ _id: { $in: unknown } }, { ...READ_LATEST, projection: { _id: 1 } })
      .toArray();
    for (const { _id } of found) this.known.add(_id as string);
  }

  private idOf(row: SummaryRow): string {
    return rowId(this.place.website, row);
  }
}
