import type { Test } from '../../base/query/condition.js';
import type { SqlValue } from './shapes.js';

/** Binds a value and returns its placeholder. Called in the order of the statement's text. */
export type Bind = (value: SqlValue) => string;

/** Makes a part of a statement. It is made again wherever it stands, because it may bind values. */
export type Part = () => string;

/** A condition in SQL. Null stands for false: no term is negated as a whole. */
export interface Term {
  readonly sql: string;
  /**
   * Whether it is true of exactly the records that meet the condition. If not, it is true of more,
   * and the records that it finds have to be tested again.
   */
  readonly isExact: boolean;
}

/** How a database says the conditions of filters. Text is compared by code point. */
export interface FilterTerms {
  /** A condition that every row meets, and one that none does. */
  readonly always: string;
  readonly never: string;
  /** Text for comparisons that depend on the order of texts. */
  ordered(text: string): string;
  /** Whether a text may be the id of a record. The database rejects others, or pads them. */
  isId(text: string): boolean;
  /** The id of a record as text. */
  idText(column: string): string;
  startsWith(text: Part, beginning: Part): string;
  contains(text: Part, part: Part): string;
  /** The text before the first mark; all of it if there is none. */
  before(text: string, mark: string): string;
  concat(...parts: readonly string[]): string;
  /** The character at a position, counted from 1; empty text beyond the end. */
  characterAt(text: string, position: number): string;
  /**
   * What stands at a path into a JSON column, as JSON text; null if nothing does. Null instead of a
   * term if the database cannot say the path.
   */
  jsonText(column: string, keys: readonly string[], bind: Bind): string | null;
  /** Tests the text, number or boolean at a path into a JSON column. */
  json(column: string, keys: readonly string[], test: Test, bind: Bind): Term;
}

export const COMPARISONS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
