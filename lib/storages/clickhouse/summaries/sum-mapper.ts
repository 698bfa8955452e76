import {
  readCounts,
  rowWith,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import type { ScannedSum } from '../../base/base-storage.js';
import type { Row } from '../connection/clickhouse-database.js';

/** The slots of latency, and how many requests are in each. */
type Latency = readonly [slots: readonly unknown[], counts: readonly unknown[]];

/** Reads a row of `SumQueries.rows` with its latency. */
export function incrementOf(dimension: string, period: SummaryPeriod, row: Row): SummaryIncrement {
  const [slots, counts] = row[10] as Latency;
  const latency = new Map(slots.map((slot, at) => [Number(slot), Number(counts[at])]));
  const of = readCounts(measuresOf(row), latency);
  return rowWith(dimension, period, Number(row[0]), row[1] as string, of);
}

/** Reads a row of `SumQueries.rows`, with or without its latency. */
export function scannedOf(row: Row): ScannedSum {
  return {
    bucket: Number(row[0]),
    key: row[1] as string,
    counts: readCounts(measuresOf(row)),
    eachSlot(onSlot) {
      const [slots, counts] = (row[10] as Latency | undefined) ?? [[], []];
      slots.forEach((slot, at) => onSlot(Number(slot), Number(counts[at])));
    },
  };
}

// All measures are known: every version that writes to ClickHouse writes all.
function measuresOf(row: Row): readonly unknown[] {
  const [, , hits, transfer, errors, duration, ...rest] = row;
  return [hits, transfer, errors, duration, hits, ...rest.slice(0, 4)];
}
