import type { Variant } from '../variant.js';
import { variant as ours } from './ours-nowhere.js';

export const variant: Variant = {
  ...ours,
  title: 'nestjs-track-usage, writing nowhere, the commit before',
};
