import {
  noCounts,
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

/** Reads a row of `SumQueries.rows`, with or without its latency and the total. */
export function scannedOf(row: Row, withTotal: boolean): ScannedSum {
  const [, key] = row as [unknown, string | null];
  const latency = row[10] as Latency | number | undefined;
  return {
    bucket: Number(row[0]),
    key: key ?? '',
    counts: key === null ? noCounts() : readCounts(measuresOf(row)),
    eachSlot(onSlot) {
      if (key === null || !Array.isArray(latency)) return;
      const [slots, counts] = latency as Latency;
      slots.forEach((slot, at) => onSlot(Number(slot), Number(counts[at])));
    },
    ...(withTotal && { total: Number(row.at(-1)) }),
  };
}

// All measures are known: every version that writes to ClickHouse writes all.
function measuresOf(row: Row): readonly unknown[] {
  const [, , hits, transfer, errors, duration, ...rest] = row;
  return [hits, transfer, errors, duration, hits, ...rest.slice(0, 4)];
}
