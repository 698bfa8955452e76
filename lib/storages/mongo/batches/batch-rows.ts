import {
  byBucket,
  decodeLatency,
  encodeLatency,
  MEASURES,
  measureValues,
  readCounts,
  rowWith,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import type { Correction } from '../summaries/corrections.js';

const NAMES = MEASURES.map(({ name }) => name);
const OLDEST = MEASURES.filter(({ since }) => since === 1).length;
/** The columns of version 0.1.0, which does not name them. */
const OLDEST_COLUMNS = ['key', ...NAMES.slice(0, OLDEST), 'latency'];
/** The last column belongs to corrections. Other rows leave it out. */
const COLUMNS = [...OLDEST_COLUMNS, ...NAMES.slice(OLDEST), 'comparedAt'];

interface Header {
  readonly version: number;
  readonly columns: readonly string[];
}

type Run = [
  dimension: string,
  period: SummaryPeriod,
  bucket: number,
  rows: (readonly unknown[])[],
  header?: Header,
];

const HEADER: Header = { version: 2, columns: COLUMNS };

/**
 * Encodes the rows of a committed batch as text for one field of the journal. The text is a list of
 * runs, each with the rows of one bucket. The first run ends with a header, which names the
 * columns. Version 0.1.0 may have to finish the batch. It reads the first four values of a run and
 * the first six of a row, so newer values come after those.
 */
export function rowsText(increments: readonly Correction[]): string {
  const runs = [...byBucket(increments)].map((run, index): Run => {
    const { dimension, period, bucket } = run[0]!;
    const rows = run.map(valuesOf);
    return index === 0
      ? [dimension, period, bucket, rows, HEADER]
      : [dimension, period, bucket, rows];
  });
  return JSON.stringify(runs);
}

/**
 * Decodes the text of this version, of 0.1.0 and of newer versions. It finds columns by name and
 * skips unknown ones. A measure without a column is unknown.
 */
export function rowsOf(text: string): Correction[] {
  const runs = JSON.parse(text) as Run[];
  const columns = runs[0]?.[4]?.columns ?? OLDEST_COLUMNS;
  const at = (column: string) => columns.indexOf(column);
  const [keyAt, latencyAt, comparedAtAt] = [at('key'), at('latency'), at('comparedAt')];
  const measuresAt = NAMES.map(at);
  return runs.flatMap(([dimension, period, bucket, rows]) =>
    rows.map((row) => {
      const latency = latencyOf(row[latencyAt] as string);
      const counts = readCounts(
        measuresAt.map((index) => row[index]),
        latency,
      );
      const increment = rowWith(dimension, period, bucket, row[keyAt] as string, counts);
      const comparedAt = row[comparedAtAt] as number | null | undefined;
      return comparedAt == null ? increment : Object.assign(increment, { comparedAt });
    }),
  );
}

function valuesOf(row: Correction): unknown[] {
  const measures = measureValues(row);
  const values = [row.key, ...measures.slice(0, OLDEST), latencyText(row.latency)];
  values.push(...measures.slice(OLDEST));
  if (row.comparedAt !== undefined) values.push(row.comparedAt);
  return values;
}

// Corrections also subtract, and the text of stored counts has no negative numbers.
function latencyText(latency: SummaryIncrement['latency']): string {
  for (const count of latency.values())
    if (count < 0) return JSON.stringify([...latency].map(([slot, count]) => [slot, count]));
  return encodeLatency(latency);
}

function latencyOf(text: string): Map<number, number> {
  if (text.startsWith('[')) return new Map(JSON.parse(text) as [number, number][]);
  return decodeLatency(text);
}
