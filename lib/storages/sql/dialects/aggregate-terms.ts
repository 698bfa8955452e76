import { latencySlot } from '../../../summary/index.js';
import type { SqlDialect } from './dialect.js';

/** The slot of a latency is its logarithm to the base of the scale, rounded up, and one. */
const SLOTS_PER_LOG = 1 / Math.log(1.04);

/** How databases say what a report adds up of each record. */
export interface AggregateTerms {
  /** How many requests a record counts as. 0 if its weight is no whole number. */
  weight(column: string): string;
  /** 1 if a weight is no whole number, else 0. */
  isFraction(column: string): string;
  /** The latency slot of microseconds. */
  slot(column: string): string;
  /** A whole number divided by another, rounded down. Neither is negative. */
  quotient(dividend: string, divisor: string): string;
  /** The texts of all rows of a group, one after the other. MySQL and MariaDB may cut it. */
  joined(column: string): string;
  /** What stands after `select` where many rows are joined, so that `joined` is quick and not cut. */
  readonly joining: string;
}

const NAMES = {
  sqlite: {
    whole: (x: string) => `cast(${x} as integer)`,
    divided: '/',
    joined: (x: string) => `group_concat(${x}, '')`,
    joining: '',
  },
  postgres: {
    whole: (x: string) => `cast(floor(${x}) as bigint)`,
    divided: '/',
    joined: (x: string) => `string_agg(${x}, '')`,
    joining: '',
  },
  mysql: {
    whole: (x: string) => `cast(floor(${x}) as signed)`,
    divided: 'div',
    joined: (x: string) => `group_concat(${x} separator '')`,
    // MySQL cuts at 1,024 bytes unless told otherwise. To MariaDB, which cuts at 1 MB, it is a comment.
    // Both sort long texts in less time than they keep them in a table.
    joining: '/*+ set_var(group_concat_max_len = 1073741824) */ sql_big_result ',
  },
};

export function aggregateTerms({ name }: Pick<SqlDialect, 'name'>): AggregateTerms {
  const { whole, divided, joined, joining } = NAMES[name];
  const real = (x: string) => (name === 'postgres' ? `cast(${x} as double precision)` : x);
  return {
    weight: (column) =>
      `case when ${column} <= 1 then 1 when ${column} = ${whole(column)} ` +
      `then ${whole(column)} else 0 end`,
    isFraction: (column) =>
      `case when ${column} > 1 and ${column} <> ${whole(column)} then 1 else 0 end`,
    slot: (column) =>
      `case when ${column} <= 0 then ${latencySlot(0)} ` +
      `else ceil(ln(${real(column)}) * ${SLOTS_PER_LOG}) + ${latencySlot(1)} end`,
    joined,
    joining,
    quotient: (dividend, divisor) => `(${dividend}) ${divided} ${divisor}`,
  };
}
