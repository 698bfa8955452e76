import type { RecordPath } from '../record/index.js';

/**
 * How a dimension's value follows from the fields of a record, for databases to compute. An
 * expression is null if a field that it names is null, unless it says otherwise.
 */
export type Expression =
  /** The field's value. */
  | { readonly column: RecordPath }
  /** The parts one after the other. */
  | { readonly concat: readonly (string | { readonly column: RecordPath })[] }
  /** The text before the first mark; all of it if there is no mark. */
  | { readonly before: string; readonly of: RecordPath }
  /** `4xx` for 404; null outside 100 to 999. */
  | { readonly statusClass: RecordPath }
  /** The first field, a space and the second; the first alone if the second is null or empty. */
  | { readonly withSuffix: RecordPath; readonly of: RecordPath }
  /**
   * The first field, a space and the second up to its first dot or space (`\s` of JavaScript); the
   * first alone if nothing stands before that, or the second is null.
   */
  | { readonly withMajor: RecordPath; readonly of: RecordPath }
  /** True if all conditions of one of the lists hold, else false. */
  | { readonly anyOf: readonly (readonly FieldIn[])[] }
  /** The text, number or boolean in a JSON field, as text; null for a list or an object. */
  | { readonly json: RecordPath; readonly keys: readonly string[] };

/** The condition that a field has one of some values. Null stands alone: there is no value. */
export interface FieldIn {
  readonly field: RecordPath;
  readonly values: readonly [null] | readonly string[];
}
