import { setTimeout as delay } from 'node:timers/promises';
import type { UsageReader } from '../../reading/usage-reader.js';
import type { UsageRecord } from '../../record/index.js';
import type { UsageFilter } from '../../storages/contract/usage-query.js';

const POLL_MS = 1000;
/**
 * How far back a poll looks, and how often. A record is stored when its response has ended: long after
 * its date, if that took long. Most are stored at once, so that few polls read many records again.
 */
const WINDOWS = [
  { everyPolls: 30, ms: 600_000 },
  { everyPolls: 5, ms: 60_000 },
  { everyPolls: 1, ms: 10_000 },
] as const;
const LONGEST_MS = WINDOWS[0].ms;

/**
 * Yields the latest records, oldest first, and then new ones as they are stored, each once. What is
 * stored more than ten minutes after its date is not found.
 *
 * @param filter What the records must have, and what ends it.
 * @param limit Records to begin with.
 */
export async function* followRecords(
  reader: UsageReader,
  filter: UsageFilter,
  limit: number,
): AsyncGenerator<UsageRecord, void, undefined> {
  const signal = filter.signal!;
  const { latest, seen } = await firstRecords(reader, filter, limit);
  yield* latest;
  let newest = latest.at(-1)?.date.getTime() ?? -Infinity;
  for (let poll = 1; ; poll++) {
    await delay(POLL_MS, undefined, { signal });
    const { ms } = WINDOWS.find(({ everyPolls }) => poll % everyPolls === 0)!;
    // By the newest record, too: the clock of the application may be behind this one.
    const until = Math.min(Date.now(), newest);
    const startDate = new Date(Number.isFinite(until) ? until - ms : Date.now() - LONGEST_MS);
    const fresh: UsageRecord[] = [];
    for await (const record of reader.streamUsage({ ...filter, startDate }))
      if (!seen.has(record.id)) fresh.push(record);
    for (const record of fresh.toReversed()) {
      seen.set(record.id, record.date.getTime());
      newest = Math.max(newest, record.date.getTime());
      yield record;
    }
    if (ms === LONGEST_MS)
      for (const [id, date] of seen) if (date < startDate.getTime()) seen.delete(id);
  }
}

/**
 * The latest records, oldest first. And the ids that polls will find again, in the same pass: what is
 * stored after it is new.
 */
async function firstRecords(reader: UsageReader, filter: UsageFilter, limit: number) {
  const latest: UsageRecord[] = [];
  const seen = new Map<string, number>();
  let oldest = Date.now() - LONGEST_MS;
  for await (const record of reader.streamUsage(filter)) {
    const date = record.date.getTime();
    if (latest.length === 0) oldest = Math.min(oldest, date - LONGEST_MS);
    if (latest.length < limit) latest.push(record);
    else if (date < oldest) break;
    seen.set(record.id, date);
  }
  return { latest: latest.reverse(), seen };
}
