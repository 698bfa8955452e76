import type { Column } from '../dialects/shapes.js';

/** The table of the salts of daily visitors: one for each day that is not forgotten. */
export const SALT_COLUMNS = [
  { name: 'day', property: 'day', kind: 'word' },
  { name: 'salt', property: 'salt', kind: 'word' },
] as const satisfies readonly Column[];
