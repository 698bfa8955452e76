import { INSERT, SIMPLE_COLLATION } from './operation-options.js';
import type { MongoCollection, MongoDb, MongoDocument } from './shapes.js';
import { serverErrorOf } from './failures.js';

const DUPLICATE_KEY = 11_000;

/** An update of one document, as a statement of the server's command. */
export interface UpdateStatement {
  readonly q: MongoDocument;
  /** A document, or the steps of a pipeline. */
  readonly u: MongoDocument | MongoDocument[];
}

/**
 * Runs updates with the server's own command. The driver's bulk takes ten times the work per
 * statement. Unlike the bulk, this does not retry; callers do.
 *
 * @returns Positions of the updates that were rejected because their `_id` exists already.
 * @throws {Error} if an update was rejected for another reason, or if it is unknown whether the
 * updates were carried out.
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
