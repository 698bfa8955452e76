import type { Collection, Db, MongoClient } from 'mongodb';
import { missingPackage } from '../../../support/optional-packages.js';
import {
  PORTION,
  SUM_PERIODS,
  type FlaskDatabase,
  type FlaskRow,
  type FlaskSum,
} from './flask-rows.js';

/** The collections that hold the sums of `MongoEngineStorage`, and the field of their keys. */
const SUMS = [
  ['url', 'sumUrl', 'url'],
  ['remote', 'sumRemote', 'remote_addr'],
  ['useragent', 'sumUserAgent', 'user_agent_string'],
  ['language', 'sumLanguage', 'language'],
  ['server', 'sumServer', 'server_name'],
] as const;

/** The collection of `MongoStorage`, `MongoPiggybackStorage` and `MongoEngineStorage`. */
export class FlaskMongoDatabase implements FlaskDatabase {
  private constructor(
    private readonly client: MongoClient,
    private readonly db: Db,
    private readonly collection: Collection,
  ) {}

  /** @throws {Error} if the server does not answer, or the collection is not there. */
  static async open(address: string, name = 'usageTracking'): Promise<FlaskMongoDatabase> {
    const { MongoClient } = await import('mongodb').catch(
      missingPackage('Importing from Flask-Track-Usage', 'mongodb'),
    );
    const client = new MongoClient(address, { serverSelectionTimeoutMS: 10_000 });
    try {
      await client.connect();
      const db = client.db();
      const names = await db.listCollections({}, { nameOnly: true }).toArray();
      if (!names.some((each) => each.name === name))
        throw new Error(
          `--from-collection: the database ${db.databaseName} has no collection '${name}', but ` +
            `${names.map((each) => each.name).join(', ') || 'none'}.`,
        );
      return new FlaskMongoDatabase(client, db, db.collection(name));
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  async *rows(): AsyncIterable<FlaskRow[]> {
    let portion: FlaskRow[] = [];
    const name = this.collection.collectionName;
    for await (const usage of this.collection.find({}).sort({ _id: 1 })) {
      portion.push({ place: `${name}:${String(usage._id)}`, usage });
      if (portion.length < PORTION) continue;
      yield portion;
      portion = [];
    }
    yield portion;
  }

  async sums(): Promise<FlaskSum[]> {
    const sums: FlaskSum[] = [];
    for (const [dimension, hook, field] of SUMS)
      for (const period of SUM_PERIODS) {
        const name = `${this.collection.collectionName}_${hook}_${period}`;
        for await (const { date, hits, transfer, [field]: key } of this.db.collection(name).find())
          sums.push({
            ...{ dimension, period, key: (key as string | undefined) ?? null },
            date: (date as Date).toISOString().slice(0, 19).replace('T', ' '),
            ...{ hits: Number(hits), transfer: Number(transfer ?? 0) },
          });
      }
    return sums;
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
