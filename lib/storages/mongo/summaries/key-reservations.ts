import { unhandledRows, type SummaryRow } from '../../../summary/index.js';
import { READ_LATEST, SIMPLE_COLLATION, WRITE_FAST } from '../connection/operation-options.js';
import { digest, type MongoCollections } from '../connection/mongo-collections.js';
import { runUpdates } from '../connection/run-updates.js';
import type { MongoDocument } from '../connection/shapes.js';
import { isDuplicate } from '../connection/failures.js';

/** From this number of buckets on, one command reserves keys in all of them. */
const MIN_BUCKETS_FOR_BULK = 20;
const BUCKETS_AT_ONCE = 500;

/** New keys that need rows in a bucket. */
export interface WantedKeys {
  readonly bucket: Omit<SummaryRow, 'key'>;
  /** Ids of the rows, in the order in which they are admitted. */
  readonly wanted: readonly string[];
  /** How many of the last ids belong to keys of requests without a handler. */
  readonly unhandled: number;
}

/**
 * Keeps reservations in the buckets' documents, for keys whose rows writers are about to create.
 */
export class KeyReservations {
  constructor(
    private readonly collections: MongoCollections,
    private readonly maxKeys: number,
  ) {}

  /** Reserves keys while there is room. Returns the ids of the rejected ones. */
  async reserve(asked: readonly WantedKeys[], writer: number): Promise<string[]> {
    if (asked.length < MIN_BUCKETS_FOR_BULK)
      return (await Promise.all(asked.map((each) => this.reserveOne(each, writer)))).flat();
    const rejected: string[] = [];
    for (let at = 0; at < asked.length; at += BUCKETS_AT_ONCE)
      rejected.push(...(await this.reserveMany(asked.slice(at, at + BUCKETS_AT_ONCE), writer)));
    return rejected;
  }

  private async reserveMany(asked: readonly WantedKeys[], writer: number): Promise<string[]> {
    const { db, state, website } = this.collections;
    const ids = asked.map(({ bucket }) => bucketId(website, bucket));
    const updates = asked.map((each, index) => ({
      q: { _id: ids[index] },
      u: this.updateOf(each, writer),
    }));
    await runUpdates(db, state, updates, true);
    const field = `pending.${writer}`;
    const found = await state
      .find({ _id: { $in: ids } }, { ...READ_LATEST, projection: { [field]: 1 } })
      .toArray();
    const reserved = new Map(
      found.map((document) => [document['_id'], reservedIn(document, writer)]),
    );
    // Another writer created the document at that moment, or a rebuild dropped the reservation.
    const again = asked.filter((_, index) => !reserved.get(ids[index]));
    const rejected = asked.flatMap(({ wanted }, index) => {
      const admitted = reserved.get(ids[index]);
      return admitted ? wanted.filter((id) => !admitted.has(id)) : [];
    });
    for (const each of again) rejected.push(...(await this.reserveOne(each, writer)));
    return rejected;
  }

  private async reserveOne(asked: WantedKeys, writer: number): Promise<string[]> {
    const field = `pending.${writer}`;
    const options = {
      ...WRITE_FAST,
      upsert: true,
      returnDocument: 'after',
      includeResultMetadata: false,
      projection: { [field]: 1 },
    };
    const _id = bucketId(this.collections.website, asked.bucket);
    for (;;) {
      try {
        const update = this.updateOf(asked, writer);
        const document = await this.collections.state.findOneAndUpdate({ _id }, update, options);
        const admitted = document && reservedIn(document, writer);
        return asked.wanted.filter((id) => !admitted?.has(id));
      } catch (error) {
        // Another writer created the document at the same moment.
        if (!isDuplicate(error)) throw error;
      }
    }
  }

  private updateOf(
    { bucket: { dimension, period, bucket: date }, wanted, unhandled }: WantedKeys,
    writer: number,
  ): MongoDocument[] {
    const handled = wanted.length - unhandled;
    const noted = {
      $reduce: {
        input: { $objectToArray: { $ifNull: ['$pending', {}] } },
        initialValue: [],
        in: { $concatArrays: ['$$value', '$$this.v'] },
      },
    };
    const isReserved = { $in: ['$$id', '$noted'] };
    const among = (input: readonly string[], cond: object) => ({
      $filter: { input, as: 'id', cond },
    });
    const freshOf = (input: readonly string[]) => among(input, { $not: [isReserved] });
    const keys = { $ifNull: ['$keys', 0] };
    const made = { $ifNull: ['$unhandled', 0] };
    const least = (...counts: unknown[]) => ({ $max: [{ $min: counts }, 0] });
    const roomLeft = (taken: unknown) => ({
      $cond: ['$closed', 0, { $subtract: [{ $subtract: [this.maxKeys - 1, keys] }, taken] }],
    });
    const first = (list: string, count: string) => ({
      $cond: [{ $gt: [count, 0] }, { $slice: [list, { $max: [count, 1] }] }, []],
    });
    // Most batches have no such keys. The steps are then empty.
    const strangers =
      unhandled === 0
        ? { strange: [], allowed: 0 }
        : {
            strange: freshOf(wanted.slice(handled)),
            allowed: { $max: [{ $subtract: [unhandledRows(this.maxKeys), made] }, 0] },
          };
    return [
      {
        $set: {
          dimension,
          period,
          date: new Date(date),
          ...(this.collections.website !== null && {
            website: { $literal: this.collections.website },
          }),
          noted,
        },
      },
      {
        $set: {
          known: among(wanted, isReserved),
          fresh: freshOf(wanted.slice(0, handled)),
          ...strangers,
        },
      },
      { $set: { granted: least(roomLeft(0), { $size: '$fresh' }) } },
      { $set: { asked: { $min: ['$allowed', { $size: '$strange' }] } } },
      { $set: { admitted: least(roomLeft('$granted'), '$asked') } },
      {
        $set: {
          keys: { $add: [keys, '$granted', '$admitted'] },
          ...(unhandled > 0 && { unhandled: { $add: [made, '$admitted'] } }),
          closed: {
            $or: [
              { $ifNull: ['$closed', false] },
              { $lt: ['$granted', { $size: '$fresh' }] },
              { $lt: ['$admitted', '$asked'] },
            ],
          },
          [`pending.${writer}`]: {
            $concatArrays: ['$known', first('$fresh', '$granted'), first('$strange', '$admitted')],
          },
        },
      },
      { $unset: ['noted', 'known', 'fresh', 'granted', 'strange', 'allowed', 'asked', 'admitted'] },
    ];
  }
}

function reservedIn(document: MongoDocument, writer: number): Set<string> | null {
  const pending = document['pending'] as Record<string, string[]> | undefined;
  const ids = pending?.[writer];
  return ids ? new Set(ids) : null;
}

export function bucketId(
  website: string | null,
  { dimension, period, bucket }: Omit<SummaryRow, 'key'>,
): string {
  return `b:${digest(`${website ?? ''}\0${dimension}\0${period}\0${bucket}`)}`;
}

/**
 * Returns the updates that drop a writer's reservations in buckets, after their rows have been
 * created.
 */
export function dropReservations(buckets: readonly string[], writer: number): object[] {
  return buckets.map((bucket) => ({
    updateOne: {
      filter: { _id: bucket },
      collation: SIMPLE_COLLATION,
      update: { $unset: { [`pending.${writer}`]: 1 } },
    },
  }));
}
