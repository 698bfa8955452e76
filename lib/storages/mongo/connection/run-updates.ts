import { INSERT, SIMPLE_COLLATION } from './operation-options.js';
import type { MongoCollection, MongoDb, MongoDocument } from './shapes.js';
import { serverErrorOf } from './failures.js';

const DUPLICATE_KEY = 11_000;

/** An update of one document, as the server's command takes it. */
export interface UpdateStatement {
  readonly q: MongoDocument;
  /** Or the steps of a pipeline. */
  readonly u: MongoDocument | MongoDocument[];
}

/**
 * Runs updates by the server's command itself: the driver's bulk spends ten times the work on each
 * statement, and what it adds, to send a bulk once more, is done by who calls this.
 *
 * @returns Positions of those that were refused because their `_id` is there already.
 * @throws if any was refused for another reason, or it is not known what became of them.
 */
export async function runUpdates(
  db: MongoDb,
  collection: MongoCollection,
  updates: readonly UpdateStatement[],
  upsert: boolean,
): Promise<number[]> {
  const { writeConcern, ...values } = INSERT;
  const collation = SIMPLE_COLLATION;
  const answer = (await db.command(
    {
      update: collection.collectionName,
      updates: updates.map(({ q, u }) => ({ q, u, upsert, collation })),
      ordered: false,
      writeConcern,
    },
    values,
  )) as {
    writeErrors?: { index: number; code: number; errmsg?: string }[];
    writeConcernError?: { code?: number; errmsg?: string };
  };
  if (answer.writeConcernError) throw serverErrorOf(answer.writeConcernError);
  const refused = answer.writeErrors ?? [];
  const fault = refused.find(({ code }) => code !== DUPLICATE_KEY);
  if (fault) throw serverErrorOf(fault);
  return refused.map(({ index }) => index);
}
