import type { ValueTransformer } from 'typeorm';

/**
 * Milliseconds since 1970 in the table, a `Date` in the entity. A number is the same instant in
 * every session time zone.
 */
export const instant: ValueTransformer = {
  to: (value: unknown) => (value instanceof Date ? value.getTime() : value),
  from: (value: unknown) => (value === null ? null : new Date(Number(value))),
};

/** Whole microseconds in the table, seconds in the entity. */
export const microseconds: ValueTransformer = {
  to: (value: unknown) => (typeof value === 'number' ? Math.round(value * 1e6) : value),
  from: (value: unknown) => (value === null ? null : Number(value) / 1e6),
};

/** Reads a 64-bit integer as a number: some drivers return it as text. */
export const wholeNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (value === null ? null : Number(value)),
};
