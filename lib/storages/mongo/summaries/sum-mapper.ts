import {
  MEASURES,
  readCounts,
  readUsageSum,
  rowWith,
  type OnSlot,
  type SummaryIncrement,
  type SummaryPeriod,
  type SummaryRow,
  type UsageSum,
} from '../../../summary/index.js';
import type { ScannedSum } from '../../base/base-storage.js';
import { digest } from '../connection/mongo-collections.js';
import type { MongoDocument } from '../connection/shapes.js';

/** The `_id` of a row. It is a digest, so any key fits and no collation can confuse two rows. */
export function rowId(
  website: string | null,
  { dimension, period, bucket, key }: SummaryRow,
): string {
  return digest(`${website ?? ''}\0${dimension}\0${period}\0${bucket}\0${key}`);
}

/** Maps a document of the summaries to a row. Leaves out slots of latency without counts. */
export function rowOf(document: MongoDocument): SummaryIncrement {
  const latency = new Map<number, number>();
  readLatency(document, (slot, count) => latency.set(slot, count));
  const { bucket, key } = placeOf(document);
  const [dimension, period] = [document['dimension'], document['period']];
  const counts = countsOf(document, latency);
  return rowWith(dimension as string, period as SummaryPeriod, bucket, key, counts);
}

/** Maps a document to what `getSum` reports. */
export function usageSumOf(document: MongoDocument): UsageSum {
  return readUsageSum((onSlot) => {
    readLatency(document, onSlot);
    return { ...placeOf(document), counts: countsOf(document) };
  });
}

/** Maps a document to a row of a scan. */
export function scannedSumOf(document: MongoDocument): ScannedSum {
  return {
    ...placeOf(document),
    counts: countsOf(document),
    eachSlot: (onSlot) => readLatency(document, onSlot),
  };
}

function placeOf(document: MongoDocument) {
  return { bucket: (document['date'] as Date).getTime(), key: document['key'] as string };
}

export function countsOf(document: MongoDocument, latency?: Map<number, number>) {
  return readCounts(
    MEASURES.map(({ name }) => document[name]),
    latency,
  );
}

// A document may have hundreds of slots, and a page hundreds of documents.
export function readLatency(document: MongoDocument, onSlot: OnSlot): void {
  const latency = (document['latency'] ?? {}) as Record<string, unknown>;
  for (const slot in latency) {
    const count = Number(latency[slot]);
    if (count !== 0) onSlot(Number(slot), count);
  }
}

/** The fields of a new row beside its counts. */
export function fieldsOf(
  website: string | null,
  { dimension, period, bucket, key }: SummaryRow,
): MongoDocument {
  const fields = { dimension, period, date: new Date(bucket), key };
  return website === null ? fields : { website, ...fields };
}
