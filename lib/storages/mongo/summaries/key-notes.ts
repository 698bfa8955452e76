import { unhandledRows, type SummaryRow } from '../../../summary/index.js';
import { READ_LATEST, WRITE_FAST } from '../connection/operation-options.js';
import { digest, type MongoCollections } from '../connection/mongo-collections.js';
import { runUpdates } from '../connection/run-updates.js';
import type { MongoDocument } from '../connection/shapes.js';
import { isDuplicate } from '../connection/failures.js';

/** From so many buckets on, one command notes keys in all of them. */
const FEW = 20;
const BUCKETS_AT_ONCE = 500;

/** Keys that want rows in a bucket. */
export interface WantedKeys {
  readonly bucket: Omit<SummaryRow, 'key'>;
  /** Ids of the rows, the first to be admitted first. */
  readonly wanted: readonly string[];
  /** How many of them, the last ones, are keys of requests without a handler. */
  readonly unhandled: number;
}

/** The notes of buckets, of the keys that writers are about to make rows of. */
export class KeyNotes {
  constructor(
    private readonly place: MongoCollections,
    private readonly maxKeys: number,
  ) {}

  /** Notes keys as far as there is room. Gives the ids of those that are rejected. */
  async note(asked: readonly WantedKeys[], writer: number): Promise<string[]> {
    if (asked.length < FEW)
      return (await Promise.all(asked.map((each) => this.noteOne(each, writer)))).flat();
    const rejected: string[] = [];
    for (let at = 0; at < asked.length; at += BUCKETS_AT_ONCE)
      rejected.push(...(await this.noteMany(asked.slice(at, at + BUCKETS_AT_ONCE), writer)));
    return rejected;
  }

  private async noteMany(asked: readonly WantedKeys[], writer: number): Promise<string[]> {
    const { db, state, website } = this.place;
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
    const noted = new Map(found.map((document) => [document['_id'], notesIn(document, writer)]));
    // Refused, as another writer made the document at that moment; or taken back by a recount.
    const again = asked.filter((_, index) => !noted.get(ids[index]));
    const rejected = asked.flatMap(({ wanted }, index) => {
      const admitted = noted.get(ids[index]);
      return admitted ? wanted.filter((id) => !admitted.has(id)) : [];
    });
    for (const each of again) rejected.push(...(await this.noteOne(each, writer)));
    return rejected;
  }

  private async noteOne(asked: WantedKeys, writer: number): Promise<string[]> {
    const field = `pending.${writer}`;
    const options = {
      ...WRITE_FAST,
      upsert: true,
      returnDocument: 'after',
      includeResultMetadata: false,
      projection: { [field]: 1 },
    };
    const _id = bucketId(this.place.website, asked.bucket);
    for (;;) {
      try {
        const update = this.updateOf(asked, writer);
        const document = await this.place.state.findOneAndUpdate({ _id }, update, options);
        const admitted = document && notesIn(document, writer);
        return asked.wanted.filter((id) => !admitted?.has(id));
      } catch (error) {
        // Another writer made the document at the same moment.
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
    const isNoted = { $in: ['$$id', '$noted'] };
    const among = (input: readonly string[], cond: object) => ({
      $filter: { input, as: 'id', cond },
    });
    const freshOf = (input: readonly string[]) => among(input, { $not: [isNoted] });
    const keys = { $ifNull: ['$keys', 0] };
    const made = { $ifNull: ['$unhandled', 0] };
    const least = (...counts: unknown[]) => ({ $max: [{ $min: counts }, 0] });
    const roomLeft = (taken: unknown) => ({
      $cond: ['$closed', 0, { $subtract: [{ $subtract: [this.maxKeys - 1, keys] }, taken] }],
    });
    const first = (list: string, count: string) => ({
      $cond: [{ $gt: [count, 0] }, { $slice: [list, { $max: [count, 1] }] }, []],
    });
    // None where none are asked for, as for most batches.
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
          ...(this.place.website !== null && { website: { $literal: this.place.website } }),
          noted,
        },
      },
      {
        $set: {
          known: among(wanted, isNoted),
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

function notesIn(document: MongoDocument, writer: number): Set<string> | null {
  const pending = document['pending'] as Record<string, string[]> | undefined;
  const notes = pending?.[writer];
  return notes ? new Set(notes) : null;
}

export function bucketId(
  website: string | null,
  { dimension, period, bucket }: Omit<SummaryRow, 'key'>,
): string {
  return `b:${digest(`${website ?? ''}\0${dimension}\0${period}\0${bucket}`)}`;
}
