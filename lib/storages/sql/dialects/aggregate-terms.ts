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
}

const NAMES = {
  sqlite: { whole: (x: string) => `cast(${x} as integer)`, divided: '/' },
  postgres: { whole: (x: string) => `cast(floor(${x}) as bigint)`, divided: '/' },
  mysql: { whole: (x: string) => `cast(floor(${x}) as signed)`, divided: 'div' },
};

export function aggregateTerms({ name }: Pick<SqlDialect, 'name'>): AggregateTerms {
  const { whole, divided } = NAMES[name];
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
    quotient: (dividend, divisor) => `(${dividend}) ${divided} ${divisor}`,
  };
}
