import * as msPackage from 'ms';
import type { StringValue } from 'ms';
import { defaultExport } from '../support/default-export.js';

/**
 * How long records and the rows of each period are kept: a length such as `'90d'`, `'12h'` or
 * `'2y'`, or milliseconds. What is left out is kept for ever.
 *
 * @publicApi
 */
export interface RetentionOptions {
  /** @default for ever */
  records?: string | number;
  /** @default for ever */
  hour?: string | number;
  /** @default for ever */
  day?: string | number;
  /** @default for ever */
  month?: string | number;
}

export const RETENTION_FIELDS = ['records', 'hour', 'day', 'month'] as const;

const ms = defaultExport(msPackage);

/** Milliseconds of a length such as `'90d'` or of a number; null if it is none. */
export function parseAge(value: unknown): number | null {
  const age = typeof value === 'string' ? parseText(value) : value;
  return typeof age === 'number' && Number.isFinite(age) && age > 0 ? age : null;
}

function parseText(text: string): number | undefined {
  // A bare number would be read as milliseconds, which '90' hardly means.
  if (!/[a-z]/i.test(text)) return undefined;
  try {
    return ms(text as StringValue);
  } catch {
    return undefined;
  }
}
