import type { Variant } from '../variant.js';

export const variant: Variant = { title: 'bare', keeps: '' };
