import type { Variant } from '../variant.js';
import { variant as ours } from './ours-sqlite.js';

export const variant: Variant = {
  ...ours,
  title: 'nestjs-track-usage, SQLite and sumBasic, the commit before',
};
