import {
  FIELD_BY_PATH,
  fieldReader,
  type RecordField,
  type RecordPath,
  type UsageRecord,
} from '../../../record/index.js';
import { valueAt, type Expression, type ReportDimension } from '../../../summary/index.js';

/** A value of a condition. Dates are milliseconds since 1970. Null: the record has no value. */
export type Value = string | number | boolean | null;

/** The fields with names from outside, into which paths lead. */
export type PathField = 'trackVar' | 'viewArgs' | 'urlArgs';

/** What a condition is about. */
export type Operand =
  | { readonly kind: 'field'; readonly field: RecordField }
  | { readonly kind: 'path'; readonly field: PathField; readonly keys: readonly string[] }
  | { readonly kind: 'dimension'; readonly dimension: ReportDimension };

/** What its value must be. Only `in` matches null. Text is compared by code point. */
export type Test =
  | { readonly op: 'in'; readonly values: readonly Value[]; readonly isNegated: boolean }
  | { readonly op: 'gt' | 'gte' | 'lt' | 'lte'; readonly value: Exclude<Value, null> }
  | { readonly op: 'startsWith' | 'contains'; readonly value: string };

/** One condition of a filter. */
export interface Condition {
  readonly operand: Operand;
  readonly test: Test;
}

/** The condition that a field has one value. */
export function equals(path: RecordPath, value: Value): Condition {
  const field = FIELD_BY_PATH.get(path)!;
  return {
    operand: { kind: 'field', field },
    test: { op: 'in', values: [value], isNegated: false },
  };
}

/** The operand in terms that databases know; null if there are none. */
export function expressionOf(operand: Operand): Expression | null {
  switch (operand.kind) {
    case 'field':
      return { column: operand.field.path };
    case 'path':
      return { json: operand.field, keys: operand.keys };
    case 'dimension':
      return operand.dimension.expression;
  }
}

/** The field whose values an operand has as they are; null if it has others. */
export function plainField(operand: Operand): RecordField | null {
  const expression = expressionOf(operand);
  return expression !== null && 'column' in expression
    ? FIELD_BY_PATH.get(expression.column)!
    : null;
}

/** The only value that a condition allows in a plain field. */
export interface FieldValue {
  readonly path: RecordPath;
  readonly value: Value;
}

/** The field and the value, if the condition is that a plain field has one value; else null. */
export function fieldValue({ operand, test }: Condition): FieldValue | null {
  if (test.op !== 'in' || test.isNegated || test.values.length !== 1) return null;
  const field = plainField(operand);
  if (field) return { path: field.path, value: test.values[0]! };
  return null;
}

/** A function that reads an operand's value of a record. */
export function operandReader(operand: Operand): (record: UsageRecord) => Value {
  switch (operand.kind) {
    case 'field': {
      const read = fieldReader(operand.field.path);
      if (operand.field.kind === 'instant') return (record) => (read(record) as Date).getTime();
      return read as (record: UsageRecord) => Value;
    }
    case 'path':
      return (record) => {
        const value = valueAt(record[operand.field], operand.keys);
        return typeof value === 'object' || value === undefined ? null : value;
      };
    case 'dimension':
      return operand.dimension.read;
  }
}
