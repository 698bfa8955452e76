import { eachSlotOnce, MEASURES } from '../../../summary/index.js';
import type { ScannedSum, SumScanQuery } from '../../base/base-storage.js';
import { unwantedMeasures } from '../../base/unwanted-measures.js';
import type { MongoDocument } from '../connection/shapes.js';
import { readRawLatency } from './raw-latency.js';
import { countsOf, readLatency } from './sum-mapper.js';

const MEASURED = { $ifNull: ['$measured', 0] };
/** What a row has counted for version 0.1.0. */
export const UNMEASURED = { $subtract: ['$hits', MEASURED] };

/** The option by which the driver leaves the latencies of `mergedSums` as they came. */
export const RAW_LATENCIES = { fieldsAsRaw: { latency: true } };

/** The stages that add up the rows of each key. */
export function mergedSums(
  filter: MongoDocument,
  { withLatency, measures }: Pick<SumScanQuery, 'withLatency' | 'measures'>,
): MongoDocument[] {
  const left = unwantedMeasures(measures);
  const merged = Object.fromEntries(
    MEASURES.filter(({ name }) => !left.includes(name)).map(({ name, merge }) => [
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
  const latencies = (document['latency'] ?? []) as (Uint8Array | MongoDocument)[];
  return {
    bucket: counts.firstSeen,
    key: document['_id'] as string,
    counts,
    eachSlot(onSlot) {
      eachSlotOnce((add) => {
        for (const latency of latencies)
          if (latency instanceof Uint8Array) readRawLatency(latency, add);
          else readLatency({ latency }, add);
      }, onSlot);
    },
  };
}
