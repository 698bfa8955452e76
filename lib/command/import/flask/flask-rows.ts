import type { FlaskUsage } from './flask-request.js';

/** A row of the original, and what names it: `flask_usage:17`. */
export interface FlaskRow {
  readonly place: string;
  readonly usage: FlaskUsage;
}

/** A sum that the original has kept. */
export interface FlaskSum {
  /** `url`, `remote`, `useragent`, `language` or `server`. */
  readonly dimension: string;
  readonly period: 'hourly' | 'daily' | 'monthly';
  /** First instant of the bucket, by the original's clock: `2026-01-31 22:00:00`. */
  readonly date: string;
  readonly key: string | null;
  readonly hits: number;
  /** Bytes. */
  readonly transfer: number;
}

/** A database in which the original has stored. */
export interface FlaskDatabase {
  /** All rows, in portions. */
  rows(): AsyncIterable<readonly FlaskRow[]>;
  /** All sums; none where the original keeps none. */
  sums(): Promise<readonly FlaskSum[]>;
  close(): Promise<void>;
}

/** The names in a database of the original, where they are not its own. */
export interface FlaskNames {
  /** @default 'flask_usage' */
  readonly table?: string | undefined;
  /** @default 'usageTracking' */
  readonly collection?: string | undefined;
  /** What stands before `usage_data:`. Default: nothing. */
  readonly keyPrefix?: string | undefined;
}

/** Rows that are read at once. */
export const PORTION = 500;

export const SUM_PERIODS = ['hourly', 'daily', 'monthly'] as const;
export const SUM_DIMENSIONS = ['url', 'remote', 'useragent', 'language', 'server'] as const;
