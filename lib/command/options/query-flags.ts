import type { FlagTable } from '../command.js';

/** The flags that choose a span of time. */
export const RANGE_FLAGS = {
  last: { type: 'string', value: 'SPAN', help: 'The span until now: 90m, 24h, 7d, 12w' },
  start: {
    type: 'string',
    value: 'DATE',
    help: 'The first date: 2026-11-01, or 2026-11-01T12:00:00Z; a day begins in the zone of the sums',
  },
  end: {
    type: 'string',
    value: 'DATE',
    help: 'The last date; a day counts to its end',
  },
} as const satisfies FlagTable;

/** The flag that chooses records. */
export const WHERE_FLAG = {
  where: {
    type: 'string',
    multiple: true,
    value: 'FIELD=VALUE',
    help: 'What records must have; also != > >= < <= ^= (starts with) *= (contains); nothing after it is null',
  },
} as const satisfies FlagTable;

/** The flag of everything that prints. */
export const JSON_FLAG = {
  json: { type: 'boolean', help: 'Prints JSON' },
} as const satisfies FlagTable;

/** The flag of everything that deletes. */
export const DELETION_FLAGS = {
  'dry-run': { type: 'boolean', help: 'Says what would be deleted, and deletes nothing' },
  yes: { type: 'boolean', help: 'Deletes without asking' },
} as const satisfies FlagTable;
