import {
  agentOf,
  RECORD_FIELDS,
  toRecord,
  valuesOf,
  type RecordField,
  type RecordPath,
  type UsageRecord,
  type ValueMapper,
} from '../../../record/index.js';
import type { SqlRows } from '../dialects/dialect.js';
import type { SqlRow, SqlValue } from '../dialects/shapes.js';

const MICROSECONDS = 1e6;

/** The positions of values that are converted before they are bound. */
const MAPPED = RECORD_FIELDS.map(({ kind }, index) => ({ kind, index })).filter(({ kind }) =>
  ['instant', 'microseconds', 'flag', 'json'].includes(kind),
);

/**
 * Converts records to rows, in the order of `RECORD_COLUMNS`, each when it is asked for.
 *
 * A class, for V8 makes a hidden class for each generator function, in its old generation: one that
 * is made for each batch would keep the records of the batch until a full collection.
 */
export class RowsOfRecords implements SqlRows {
  constructor(private readonly records: readonly UsageRecord[]) {}

  get length(): number {
    return this.records.length;
  }

  *[Symbol.iterator](): Generator<SqlValue[]> {
    for (const record of this.records) yield rowOfRecord(record);
  }
}

/** Converts a record to a row. */
export function rowOfRecord(record: UsageRecord): SqlValue[] {
  const row = valuesOf(record);
  for (const { kind, index } of MAPPED) row[index] = sqlValue(kind, row[index]);
  return row as SqlValue[];
}

function sqlValue(kind: RecordField['kind'], value: unknown): unknown {
  switch (kind) {
    case 'instant':
      return (value as Date).getTime();
    case 'microseconds':
      return Math.round((value as number) * MICROSECONDS);
    case 'flag':
      return value ? 1 : 0;
    case 'json':
      return value === null ? null : JSON.stringify(value);
    default:
      return value;
  }
}

const READ: ValueMapper = {
  instant: (value) => new Date(Number(value)),
  microseconds: (value) => Number(value) / MICROSECONDS,
  integer: Number,
  bigInteger: Number,
  real: Number,
  // A number on most databases. An application may have configured its driver to return something
  // else.
  flag: (value) => /^(1|t|true)$/.test(String(value)),
  // Some drivers parse JSON columns, the others return text.
  json: (value) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value),
  missing: null,
};

/** Converts a row, keyed by the properties of `RECORD_COLUMNS`, to a record. */
export function recordOfRow(row: SqlRow): UsageRecord {
  return toRecord(row['id'], row, agentOf(row), READ);
}

const FIELDS = new Map(RECORD_FIELDS.map((field) => [field.path, field]));

/** Converts the value of one column to the value of its field. */
export function fieldOfColumn(path: RecordPath, value: unknown): unknown {
  const { kind } = FIELDS.get(path)!;
  if (value === null || value === undefined) return null;
  return kind === 'flag' || kind === 'integer' ? READ[kind](value) : value;
}
