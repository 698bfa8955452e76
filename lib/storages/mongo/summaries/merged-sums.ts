import { MEASURES } from '../../../summary/index.js';
import type { ScannedSum } from '../../base/base-storage.js';
import type { MongoDocument } from '../connection/shapes.js';
import { countsOf, readLatency } from './sum-mapper.js';

const MEASURED = { $ifNull: ['$measured', 0] };
/** What a row has counted for version 0.1.0. */
export const UNMEASURED = { $subtract: ['$hits', MEASURED] };

/** The stages that add up the rows of each key. */
export function mergedSums(filter: MongoDocument, withLatency: boolean): MongoDocument[] {
  const merged = Object.fromEntries(
    MEASURES.map(({ name, merge }) => [
      name,
      { [merge === 'add' ? '$sum' : `$${merge}`]: `$${name}` },
    ]),
  );
  return [
    { $match: filter },
    {
      $group: {
        _id: '$key',
        ...merged,
        // Version 0.1.0 adds to rows without noting when, so that only their bucket tells.
        firstSeen: {
          $min: { $cond: [{ $eq: ['$hits', MEASURED] }, '$firstSeen', { $toLong: '$date' }] },
        },
        ...(withLatency && { latency: { $push: '$latency' } }),
      },
    },
  ];
}

/** Maps a document of `mergedSums`. */
export function mergedSumOf(document: MongoDocument): ScannedSum {
  const counts = countsOf(document);
  const latencies = (document['latency'] ?? []) as MongoDocument[];
  return {
    bucket: counts.firstSeen,
    key: document['_id'] as string,
    counts,
    eachSlot(onSlot) {
      for (const latency of latencies) readLatency({ latency }, onSlot);
    },
  };
}
