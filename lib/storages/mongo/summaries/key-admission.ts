import {
  byBucket,
  capKeys,
  OTHER_KEY,
  type SummaryIncrement,
  type SummaryRow,
} from '../../../summary/index.js';
import { READ_LATEST, SIMPLE_COLLATION, WRITE_FAST } from '../connection/operation-options.js';
import { digest, type MongoPlace } from '../connection/place.js';
import type { MongoDocument } from '../connection/shapes.js';
import { isDuplicate } from '../connection/write-failure.js';
import { rowId } from './sum-document.js';

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
 * `(other)`, never in both. A note lasts until the writer's batch has made the rows.
 */
export class KeyAdmission {
  /** Rows that are there for all that this process knows. */
  private readonly known = new Set<string>();

  constructor(
    private readonly place: MongoPlace,
    private readonly maxKeys: number,
  ) {}

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
    const buckets: string[] = [];
    const decided = runs.map(async ({ run, ids }) => {
      const fresh = run
        .filter(({ key }, index) => key !== OTHER_KEY && !this.known.has(ids[index]!))
        .sort((a, b) => b.hits - a.hits || (a.key < b.key ? -1 : 1));
      if (fresh.length === 0) return { run, ids, turnedAway: [] };
      const bucket = bucketId(this.place.website, run[0]!);
      buckets.push(bucket);
      const turnedAway = await this.note(bucket, run[0]!, fresh, writer);
      return { run, ids, turnedAway };
    });
    const results = await Promise.all(decided);
    // One that is noted no more because its row has been made meanwhile is not turned away.
    await this.lookUp(results.flatMap(({ turnedAway }) => turnedAway));
    return {
      buckets,
      rows: results.flatMap(({ run, ids, turnedAway }) => {
        const away = new Set(turnedAway.filter((id) => !this.known.has(id)));
        if (away.size === 0) return run;
        const stays = new Set(run.filter((_, i) => !away.has(ids[i]!)).map(({ key }) => key));
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

  /** Returns the ids of the keys that are turned away. */
  private async note(
    bucket: string,
    { dimension, period, bucket: date }: SummaryRow,
    fresh: readonly SummaryRow[],
    writer: number,
  ): Promise<string[]> {
    const wanted = fresh.map((row) => this.idOf(row));
    const noted = {
      $reduce: {
        input: { $objectToArray: { $ifNull: ['$pending', {}] } },
        initialValue: [],
        in: { $concatArrays: ['$$value', '$$this.v'] },
      },
    };
    const room = { $max: [{ $subtract: [this.maxKeys - 1, { $ifNull: ['$keys', 0] }] }, 0] };
    const among = (isNoted: boolean) => {
      const found = { $in: ['$$id', '$noted'] };
      return { $filter: { input: wanted, as: 'id', cond: isNoted ? found : { $not: [found] } } };
    };
    const update = [
      {
        $set: {
          dimension,
          period,
          date: new Date(date),
          ...(this.place.website !== null && { website: { $literal: this.place.website } }),
          noted,
        },
      },
      { $set: { known: among(true), fresh: among(false) } },
      { $set: { granted: { $cond: ['$closed', 0, { $min: [room, { $size: '$fresh' }] }] } } },
      {
        $set: {
          keys: { $add: [{ $ifNull: ['$keys', 0] }, '$granted'] },
          closed: {
            $or: [{ $ifNull: ['$closed', false] }, { $lt: ['$granted', { $size: '$fresh' }] }],
          },
          [`pending.${writer}`]: {
            $concatArrays: [
              '$known',
              {
                $cond: [
                  { $gt: ['$granted', 0] },
                  { $slice: ['$fresh', { $max: ['$granted', 1] }] },
                  [],
                ],
              },
            ],
          },
        },
      },
      { $unset: ['noted', 'known', 'fresh', 'granted'] },
    ];
    const document = await this.upserted(bucket, update, `pending.${writer}`);
    const pending = (document?.['pending'] ?? {}) as Record<string, string[]>;
    const admitted = new Set(pending[writer]);
    return wanted.filter((id) => !admitted.has(id));
  }

  private async upserted(
    _id: string,
    update: object,
    field: string,
  ): Promise<MongoDocument | null> {
    const options = {
      ...WRITE_FAST,
      upsert: true,
      returnDocument: 'after',
      includeResultMetadata: false,
      projection: { [field]: 1 },
    };
    for (;;) {
      try {
        return await this.place.state.findOneAndUpdate({ _id }, update, options);
      } catch (error) {
        // Another writer made the document at the same moment.
        if (!isDuplicate(error)) throw error;
      }
    }
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

export function bucketId(
  website: string | null,
  { dimension, period, bucket }: Omit<SummaryRow, 'key'>,
): string {
  return `b:${digest(`${website ?? ''}\0${dimension}\0${period}\0${bucket}`)}`;
}
