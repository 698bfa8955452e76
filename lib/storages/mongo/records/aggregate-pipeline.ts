import type { JsonValue, RecordPath } from '../../../record/index.js';
import {
  objectAt,
  latencySlot,
  type DimensionValue,
  type MeasureName,
  type ReportDimension,
} from '../../../summary/index.js';
import {
  readAggregate,
  type AggregateQuery,
  type BucketRun,
  type RecordAggregate,
} from '../../base/report/record-aggregate.js';
import type { MongoDocument } from '../connection/shapes.js';
import { fromJsonField, isPlainName } from './record-mapper.js';

/** The slot of a latency is its logarithm to the base of the scale, rounded up, and one. */
const SLOTS_PER_LOG = 1 / Math.log(1.04);

/** How a pipeline groups by one dimension. */
interface GroupTerms {
  /** The expressions to group by. */
  readonly terms: readonly unknown[];
  /** The dimension's value for the values of the expressions. */
  readonly read: (values: readonly unknown[]) => DimensionValue;
}

/** Whether a pipeline can group by a dimension. */
export function canGroup({ fields }: ReportDimension): boolean {
  return fields.length > 0;
}

/**
 * The pipeline that adds up the documents that match. All that it names are the library's own
 * fields and numbers.
 */
export function aggregatePipeline(
  { dimensions, buckets, measures, withLatency }: AggregateQuery,
  match: MongoDocument,
): MongoDocument[] {
  const id: MongoDocument = {};
  dimensions
    .flatMap((dimension) => groupTerms(dimension).terms)
    .forEach((term, index) => (id[`g${index}`] = term));
  if (buckets.length > 0) id['bucket'] = bucketOf(buckets);
  if (withLatency) id['slot'] = SLOT;
  return [
    { $match: match },
    { $group: { _id: id, firstSeen: { $min: '$date' }, ...sumsOf(measures) } },
  ];
}

/** Reads a document that the pipeline yields. */
export function aggregateOf(
  { dimensions }: AggregateQuery,
  document: MongoDocument,
): RecordAggregate {
  const id = document['_id'] as MongoDocument;
  let at = 0;
  const values = dimensions.map((dimension) => {
    const { terms, read } = groupTerms(dimension);
    return read(terms.map(() => id[`g${at++}`] ?? null));
  });
  return readAggregate(values, { ...document, slot: id['slot'] });
}

const WEIGHT = {
  $switch: {
    branches: [
      { case: { $lte: ['$weight', 1] }, then: 1 },
      { case: { $eq: ['$weight', { $trunc: '$weight' }] }, then: '$weight' },
    ],
    default: 0,
  },
};
const IS_FRACTION = {
  $cond: [{ $and: [{ $gt: ['$weight', 1] }, { $ne: ['$weight', { $trunc: '$weight' }] }] }, 1, 0],
};
const MICROSECONDS = { $max: [{ $round: [{ $multiply: ['$speed', 1e6] }, 0] }, 0] };
const SLOT = {
  $let: {
    vars: { micros: MICROSECONDS },
    in: {
      $cond: [
        { $lte: ['$$micros', 0] },
        latencySlot(0),
        {
          $add: [{ $ceil: { $multiply: [{ $ln: '$$micros' }, SLOTS_PER_LOG] } }, latencySlot(1)],
        },
      ],
    },
  },
};

function sumsOf(measures: ReadonlySet<MeasureName>): MongoDocument {
  if (!measures.has('hits')) return {};
  const when = (condition: unknown) => ({ $sum: { $cond: [condition, WEIGHT, 0] } });
  const all: [MeasureName, unknown][] = [
    ['hits', { $sum: WEIGHT }],
    ['transfer', { $sum: { $multiply: ['$contentLength', WEIGHT] } }],
    ['errors', when({ $gte: ['$status', 500] })],
    ['duration', { $sum: { $multiply: [MICROSECONDS, WEIGHT] } }],
    ['refused', when({ $and: [{ $gte: ['$status', 400] }, { $lt: ['$status', 500] }] })],
    ['aborted', when({ $eq: ['$outcome', 'aborted'] })],
    ['lastSeen', { $max: '$date' }],
  ];
  return {
    ...Object.fromEntries(all.filter(([name]) => measures.has(name))),
    fractions: { $max: IS_FRACTION },
  };
}

/** The number of a record's bucket. */
function bucketOf(runs: readonly BucketRun[]): unknown {
  const number = ({ start, length, index }: BucketRun) => ({
    $add: [index, { $floor: { $divide: [{ $subtract: [{ $toLong: '$date' }, start] }, length] } }],
  });
  const others = runs.slice(0, -1);
  if (others.length === 0) return number(runs[0]!);
  return {
    $switch: {
      branches: others.map((run) => ({
        case: { $lt: ['$date', new Date(run.end)] },
        then: number(run),
      })),
      default: number(runs.at(-1)!),
    },
  };
}

function groupTerms({ expression, fields, of }: ReportDimension): GroupTerms {
  if (expression && 'json' in expression) {
    const { json, keys } = expression;
    const field = `$${json}`;
    // JSON with other names is stored as text, which the server cannot look into.
    const text = { $cond: [{ $eq: [{ $type: field }, 'string'] }, field, null] };
    const value = keys.every(isPlainName)
      ? { $ifNull: [[field, ...keys].join('.'), null] }
      : { $literal: null };
    return {
      terms: [value, text],
      read: ([found, whole]) =>
        of(whole === null ? objectAt(keys, found as JsonValue) : fromJsonField(whole)),
    };
  }
  if (expression && 'before' in expression)
    return {
      terms: [{ $arrayElemAt: [{ $split: [`$${expression.of}`, expression.before] }, 0] }],
      read: ([value]) => value as DimensionValue,
    };
  return {
    terms: fields.map((path: RecordPath) => ({ $ifNull: [`$${path}`, null] })),
    read: (values) => of(...values),
  };
}
