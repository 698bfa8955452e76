import { createHash } from 'node:crypto';
import type { SummaryIncrement, SummaryPeriod, SummaryRow } from '../../../summary/index.js';
import type { MongoDocument } from '../connection/shapes.js';

/** The `_id` of a row: a digest, so that any key fits and no collation can mix two up. */
export function rowId(
  website: string | null,
  { dimension, period, bucket, key }: SummaryRow,
): string {
  return digest(`${website ?? ''}\0${dimension}\0${period}\0${bucket}\0${key}`);
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** A document of the summaries as a row; slots of latency without counts are left out. */
export function rowOf(document: MongoDocument): SummaryIncrement {
  const latency = Object.entries((document['latency'] ?? {}) as Record<string, unknown>)
    .map(([slot, count]) => [Number(slot), Number(count)] as const)
    .filter(([, count]) => count !== 0);
  return {
    dimension: document['dimension'] as string,
    period: document['period'] as SummaryPeriod,
    bucket: (document['date'] as Date).getTime(),
    key: document['key'] as string,
    hits: Number(document['hits']),
    transfer: Number(document['transfer']),
    errors: Number(document['errors']),
    duration: Number(document['duration']),
    latency: new Map(latency),
  };
}

/** The fields that a new row gets beside its counts. */
export function fieldsOf(
  website: string | null,
  { dimension, period, bucket, key }: SummaryRow,
): MongoDocument {
  const fields = { dimension, period, date: new Date(bucket), key };
  return website === null ? fields : { website, ...fields };
}
