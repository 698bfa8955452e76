import { measureValues, rowWith, type SummaryPeriod } from '../../../summary/index.js';
import type { SqlRows, SqlRowValues } from '../dialects/shapes.js';
import type { SumIncrement } from '../summaries/sum-mapper.js';
import { packRows, unpackRows, type PackedRows } from './packed-rows.js';

/** Packs increments for another thread: as objects, they take several times as long to send. */
export function packIncrements(increments: readonly SumIncrement[]): PackedRows {
  return packRows({
    length: increments.length,
    *[Symbol.iterator](): Generator<SqlRowValues> {
      for (const each of increments) yield valuesOf(each);
    },
  } satisfies SqlRows);
}

export function unpackIncrements(packed: PackedRows): SumIncrement[] {
  return unpackRows(packed).map((values) => {
    const [dimension, period, key, latency] = values as string[];
    const numbers = values as number[];
    const counts = {
      hits: numbers[6]!,
      transfer: numbers[7]!,
      errors: numbers[8]!,
      duration: numbers[9]!,
      measured: numbers[10]!,
      refused: numbers[11]!,
      aborted: numbers[12]!,
      firstSeen: numbers[13]!,
      lastSeen: numbers[14]!,
      latency: latency!,
    };
    const unhandled = values[5] === null ? undefined : true;
    return rowWith(dimension!, period as SummaryPeriod, numbers[4]!, key!, counts, unhandled);
  });
}

// The measures are in the order of `MEASURES`. A spec sends one of each through both functions.
function valuesOf(increment: SumIncrement): SqlRowValues {
  const { dimension, period, bucket, key, latency, unhandled } = increment;
  return [
    dimension,
    period,
    key,
    latency,
    bucket,
    unhandled ? 1 : null,
    ...measureValues(increment),
  ];
}
