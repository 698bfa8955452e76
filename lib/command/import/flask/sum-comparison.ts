import type { CapturedRequest } from '../../../record/captured-request.js';
import type { FlaskSum } from './flask-rows.js';
import type { FlaskUsage } from './flask-request.js';

/** A sum of the original beside what its own records add up to. */
export interface ComparedSum extends FlaskSum {
  readonly counted: { readonly hits: number; readonly transfer: number };
}

const LENGTHS = { hourly: 13, daily: 10, monthly: 7 } as const;
const REST = '0000-01-01 00:00:00';

/**
 * Counts the records of the original by its own rules, for the keys of its sums alone, so that it
 * takes no more memory than these.
 */
export class SumComparison {
  private readonly counts = new Map<string, { sum: FlaskSum; hits: number; transfer: number }>();
  private readonly dimensions: readonly string[];

  constructor(sums: readonly FlaskSum[]) {
    for (const sum of sums)
      this.counts.set(keyOf(sum.dimension, sum.period, sum.date, sum.key), {
        sum,
        hits: 0,
        transfer: 0,
      });
    this.dimensions = [...new Set(sums.map(({ dimension }) => dimension))];
  }

  /** @param request The row's request; its date is the original's. */
  add(usage: FlaskUsage, { date, contentLength }: Omit<CapturedRequest, 'id'>): void {
    if (this.counts.size === 0) return;
    const local = new Date(date).toISOString().slice(0, 19).replace('T', ' ');
    for (const dimension of this.dimensions)
      for (const period of ['hourly', 'daily', 'monthly'] as const) {
        const length = LENGTHS[period];
        const bucket = local.slice(0, length) + REST.slice(length);
        const count = this.counts.get(keyOf(dimension, period, bucket, valueOf(dimension, usage)));
        if (count === undefined) continue;
        count.hits++;
        count.transfer += contentLength;
      }
  }

  /** The number of sums. */
  get size(): number {
    return this.counts.size;
  }

  /** The sums that differ, in their order. Bytes are compared where the storage has kept them. */
  differences(hasBytes: boolean): ComparedSum[] {
    return [...this.counts.values()]
      .filter(
        ({ sum, hits, transfer }) => sum.hits !== hits || (hasBytes && sum.transfer !== transfer),
      )
      .map(({ sum, hits, transfer }) => ({ ...sum, counted: { hits, transfer } }));
  }
}

function keyOf(dimension: string, period: string, date: string, key: string | null): string {
  return JSON.stringify([dimension, period, date, key]);
}

function valueOf(dimension: string, usage: FlaskUsage): string | null {
  const agent = (usage['user_agent'] ?? {}) as Record<string, unknown>;
  const value = {
    url: usage['url'],
    remote: usage['remote_addr'],
    server: usage['server_name'],
    language: agent['language'] ?? usage['ua_language'],
    useragent: agent['string'],
  }[dimension];
  return (value as string | null | undefined) ?? null;
}
