import {
  agentOf,
  RECORD_FIELDS,
  toRecord,
  valuesOf,
  type RecordField,
  type UsageRecord,
  type ValueMapper,
} from '../../../record/index.js';
import type { SqlRow, SqlValue } from '../dialects/shapes.js';

const MICROSECONDS = 1e6;

/** Where in a row there is what is not bound as it is. */
const MAPPED = RECORD_FIELDS.map(({ kind }, index) => ({ kind, index })).filter(({ kind }) =>
  ['instant', 'microseconds', 'flag', 'json'].includes(kind),
);

/** A record as a row, in the order of `RECORD_COLUMNS`. */
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
  // A number on most databases; applications have their drivers make other things of it.
  flag: (value) => /^(1|t|true)$/.test(String(value)),
  // Drivers that know JSON columns have parsed them, the others give text.
  json: (value) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value),
  missing: null,
};

/** A row, by the properties of `RECORD_COLUMNS`, as a record. */
export function recordOfRow(row: SqlRow): UsageRecord {
  return toRecord(row['id'], row, agentOf(row), READ);
}
