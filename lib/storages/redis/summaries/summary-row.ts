import type { SummaryCounts, SummaryIncrement } from '../../../summary/index.js';
import type { RedisReply } from '../connection/redis-connection.js';
import type { BucketName } from '../redis-keys.js';

/** The order in which new keys take the rows that are left in a bucket. */
export function compareClaims(a: SummaryIncrement, b: SummaryIncrement): number {
  return b.hits - a.hits || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/** What a row gets, as the script that stores takes it. */
export function packedIncrement(counts: SummaryCounts): string {
  const { hits, transfer, errors, duration, latency } = counts;
  let packed = `${whole(hits)} ${whole(transfer)} ${whole(errors)} ${whole(duration)}`;
  for (const [slot, count] of latency) packed += ` ${slot} ${whole(count)}`;
  return packed;
}

/** A row's fields and values, `hits` first. */
export function packedRow(counts: SummaryCounts): string {
  const { hits, transfer, errors, duration, latency } = counts;
  let packed = `hits ${whole(hits)} transfer ${whole(transfer)} errors ${whole(errors)} duration ${whole(duration)}`;
  for (const [slot, count] of latency) packed += ` ${slot} ${whole(count)}`;
  return packed;
}

/** A row as text of fields and values; null if there is none. */
export function rowOf(name: BucketName, key: string, reply: RedisReply): SummaryIncrement | null {
  const text = String(reply);
  if (text === '') return null;
  const fields = text.split(' ');
  const counts = { hits: 0, transfer: 0, errors: 0, duration: 0 };
  const latency = new Map<number, number>();
  for (let at = 0; at < fields.length; at += 2) {
    const field = fields[at]!;
    if (field in counts) counts[field as keyof typeof counts] = Number(fields[at + 1]);
    else latency.set(Number(field), Number(fields[at + 1]));
  }
  return { ...name, key, ...counts, latency };
}

// What is no whole number of 64 bits would stop a script in its middle.
function whole(value: number): string {
  return String(Math.min(value, Number.MAX_SAFE_INTEGER));
}
