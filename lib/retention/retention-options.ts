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
