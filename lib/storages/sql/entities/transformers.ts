import type { ValueTransformer } from 'typeorm';

/** Milliseconds since 1970 in the table: the same instant whatever zone a session is in. */
export const instant: ValueTransformer = {
  to: (value: unknown) => (value instanceof Date ? value.getTime() : value),
  from: (value: unknown) => (value === null ? null : new Date(Number(value))),
};

/** Whole microseconds in the table, seconds in the entity. */
export const microseconds: ValueTransformer = {
  to: (value: unknown) => (typeof value === 'number' ? Math.round(value * 1e6) : value),
  from: (value: unknown) => (value === null ? null : Number(value) / 1e6),
};

/** Some drivers give whole numbers of 64 bits as text. */
export const wholeNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (value === null ? null : Number(value)),
};
