import type { NoteKind } from '../contract/usage-notes.js';
import type { NamedValues, Replacement, ValueKind } from '../base/named-values.js';
import { isDuplicate } from './connection/failures.js';
import {
  digest,
  siteFilter,
  siteIdOf,
  type MongoCollections,
} from './connection/mongo-collections.js';
import { INSERT, READ_LATEST, WRITE } from './connection/operation-options.js';
import type { MongoCollection, MongoDocument } from './connection/shapes.js';
import { TTL_FIELDS, ttlSeconds, type TtlOptions } from './mongo-usage-storage.options.js';

/**
 * Keeps named values in MongoDB. Version 0.1.0 has two kinds, which stay where it keeps them:
 *
 * - `pruned`: all watermarks of a site are in one document of the state collection, and in one
 *   document beside the sums. If the state collection is lost, sums whose records have been pruned
 *   are thus still known to be correct. Data that TTL indexes delete counts as pruned;
 * - `salt`: each day has a document in the state collection.
 *
 * Each value of the other kinds has its own document beside the sums, and is restored with them.
 */
export class MongoValues implements NamedValues {
  constructor(
    private readonly collections: MongoCollections,
    private readonly ttl: TtlOptions,
  ) {}

  async read(kind: ValueKind, names: readonly string[]): Promise<Map<string, string>> {
    if (kind === 'pruned') return this.readPruned(names);
    const { collection, field } = this.homeOf(kind);
    const ids = new Map(names.map((name) => [this.idOf(kind, name), name]));
    const found = await collection.find({ _id: { $in: [...ids.keys()] } }, READ_LATEST).toArray();
    const known = found.filter((document) => document[field] !== undefined);
    return new Map(
      known.map((document) => [ids.get(document['_id'] as string)!, String(document[field])]),
    );
  }

  async write(kind: ValueKind, values: ReadonlyMap<string, string>): Promise<void> {
    const { collection, field } = this.homeOf(kind);
    for (const [name, value] of values)
      await collection.updateOne(
        { _id: this.idOf(kind, name) },
        { $set: { [field]: value }, $setOnInsert: this.labelOf(kind, name) },
        { ...WRITE, upsert: true },
      );
  }

  async replace(kind: ValueKind, name: string, change: Replacement): Promise<boolean> {
    const { expected, value } = change;
    const { collection, field } = this.homeOf(kind);
    const _id = this.idOf(kind, name);
    if (expected !== null) {
      const { matchedCount } = await collection.updateOne(
        { _id, [field]: { $eq: expected } },
        { $set: { [field]: value } },
        WRITE,
      );
      return matchedCount === 1;
    }
    try {
      const document = { _id, ...this.labelOf(kind, name), [field]: value };
      await collection.insertOne(document, INSERT);
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async raise(kind: ValueKind, name: string, value: number): Promise<void> {
    if (kind === 'pruned') {
      for (const collection of this.prunedHomes())
        await this.raisePruned(collection, { [name]: value });
      return;
    }
    for (;;) {
      const stored = (await this.read(kind, [name])).get(name) ?? null;
      if (stored !== null && Number(stored) >= value) return;
      if (await this.replace(kind, name, { expected: stored, value: String(value) })) return;
    }
  }

  async deleteBefore(kind: ValueKind, name: string): Promise<void> {
    const { collection, label } = this.homeOf(kind);
    await collection.deleteMany(
      {
        ...siteFilter(this.collections.website),
        _id: { $gte: `${kind}:`, $lt: `${kind};` },
        [label]: { $lt: name },
      },
      WRITE,
    );
  }

  async notes(kind: NoteKind): Promise<Map<string, string>> {
    const { collection, label, field } = this.homeOf(kind);
    const found = await collection
      .find(
        { ...siteFilter(this.collections.website), _id: { $gte: `${kind}:`, $lt: `${kind};` } },
        READ_LATEST,
      )
      .toArray();
    return new Map(found.map((document) => [String(document[label]), String(document[field])]));
  }

  async deleteNote(kind: NoteKind, name: string): Promise<void> {
    await this.homeOf(kind).collection.deleteMany({ _id: this.idOf(kind, name) }, WRITE);
  }

  /**
   * Copies the watermarks that version 0.1.0 noted only in the state collection to the document
   * beside the sums.
   */
  async mirrorPruned(): Promise<void> {
    const { summaries, state } = this.collections;
    const [mirrored, noted] = await Promise.all([this.noted(summaries), this.noted(state)]);
    const behind = TTL_FIELDS.filter((kind) => (noted[kind] ?? 0) > (mirrored[kind] ?? 0));
    if (behind.length === 0) return;
    await this.raisePruned(
      summaries,
      Object.fromEntries(behind.map((kind) => [kind, noted[kind]!])),
    );
  }

  private async readPruned(names: readonly string[]): Promise<Map<string, string>> {
    const noted = await Promise.all(this.prunedHomes().map((collection) => this.noted(collection)));
    const found = new Map<string, string>();
    for (const name of names) {
      const seconds = ttlSeconds(this.ttl[name as keyof TtlOptions]);
      const instants = noted.flatMap((watermarks) => watermarks[name] ?? []);
      if (seconds !== null) instants.push(Date.now() - seconds * 1000);
      if (instants.length > 0) found.set(name, String(Math.max(...instants)));
    }
    return found;
  }

  private prunedHomes(): MongoCollection[] {
    return [this.collections.summaries, this.collections.state];
  }

  private async raisePruned(
    collection: MongoCollection,
    watermarks: Record<string, number>,
  ): Promise<void> {
    const _id = this.prunedId(collection);
    await collection.updateOne({ _id }, { $max: watermarks }, { ...WRITE, upsert: true });
  }

  private async noted(collection: MongoCollection): Promise<Record<string, number>> {
    const document = await collection.findOne({ _id: this.prunedId(collection) }, READ_LATEST);
    const known = Object.entries(document ?? {}).filter(([, value]) => typeof value === 'number');
    return Object.fromEntries(known) as Record<string, number>;
  }

  private prunedId(collection: MongoCollection): string {
    return `pruned:${siteIdOf(this.collections, collection)}`;
  }

  private homeOf(kind: ValueKind) {
    const { summaries, state } = this.collections;
    return kind === 'salt'
      ? { collection: state, label: 'day', field: 'salt' }
      : { collection: summaries, label: 'name', field: 'value' };
  }

  // Names may differ only in case, which a collation may consider equal. Days cannot.
  private idOf(kind: ValueKind, name: string): string {
    if (kind === 'salt') return `salt:${siteIdOf(this.collections)}:${name}`;
    return `${kind}:${digest(`${this.collections.website ?? ''}\0${name}`)}`;
  }

  private labelOf(kind: ValueKind, name: string): MongoDocument {
    const { website } = this.collections;
    return { kind, [this.homeOf(kind).label]: name, ...(website !== null && { website }) };
  }
}
