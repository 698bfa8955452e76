import type { Column } from '../dialects/shapes.js';

/** The columns of the salts' table: one salt for each day that is still kept. */
export const SALT_COLUMNS = [
  { name: 'day', property: 'day', kind: 'word' },
  { name: 'salt', property: 'salt', kind: 'word' },
] as const satisfies readonly Column[];
