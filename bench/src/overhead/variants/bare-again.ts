import type { Variant } from '../variant.js';

/** The same as `bare`: what differs between the two is noise. */
export const variant: Variant = { title: 'bare, once more (A/A)', keeps: '' };
