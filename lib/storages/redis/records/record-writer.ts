import { setTimeout as sleep } from 'node:timers/promises';
import type { UsageRecord } from '../../../record/index.js';
import { unhandledRows } from '../../../summary/index.js';
import { notePruned, type NamedValues } from '../../base/named-values.js';
import { StorageUnavailableError } from '../../contract/storage-errors.js';
import type { RedisConnection, RedisReply } from '../connection/redis-connection.js';
import type { RedisKeys } from '../format/redis-keys.js';
import { isOutOfMemory } from '../connection/failures.js';
import { OLDEST, REMOVE } from '../format/record-scripts.js';
import { STORE } from '../format/store-script.js';
import type { IncrementArguments, SumWriter } from '../summaries/sum-writer.js';
import { indexesOf, recordOfText, textOfRecord } from './record-mapper.js';

/** Limits of one call of a script. While a script runs, the server does nothing else. */
const RECORDS_AT_ONCE = 500;
const ROWS_AT_ONCE = 20_000;
const LOCK_PAUSE_MS = 50;
const LOCK_TIMEOUT_MS = 10_000;

/** Which records to delete: those from before a date, or all except a number of the newest. */
export type Outdated = { readonly before: number } | { readonly beyond: number };

/** Stores records together with their sums, and deletes records. */
export class RecordWriter {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
    private readonly values: NamedValues,
    private readonly sums: SumWriter,
    private readonly maxRecords: number,
  ) {}

  /** @param records With distinct ids. */
  async store(records: readonly UsageRecord[]): Promise<void> {
    let total = 0;
    for (let at = 0; at < records.length; at += RECORDS_AT_ONCE)
      total = Math.max(total, await this.storeMakingRoom(records.slice(at, at + RECORDS_AT_ONCE)));
    if (total > this.maxRecords) await this.remove({ beyond: this.maxRecords });
  }

  /** @returns The number of deleted records. */
  async remove(outdated: Outdated): Promise<number> {
    const [before, beyond] =
      'before' in outdated ? [String(outdated.before), ''] : ['', String(outdated.beyond)];
    const { records, texts } = this.keys;
    for (let removed = 0; ;) {
      const args = [before, beyond, String(RECORDS_AT_ONCE)];
      const reply = await this.connection.run(OLDEST, [records, texts], args);
      const found = reply as readonly string[];
      if (found.length === 0) return removed;
      const oldest = recordsAmong(found);
      const newest = Math.max(...oldest.map(({ date }) => date?.getTime() ?? -Infinity));
      // Raise the watermark first: a rebuild must not mistake deleted records for records that
      // never existed.
      if ('beyond' in outdated && newest > -Infinity)
        await notePruned(this.values, 'records', newest + 1);
      removed += await this.delete(oldest);
    }
  }

  /**
   * @param removed Some hundred records at most.
   * @returns The number of deleted records.
   */
  async delete(removed: readonly UsageRecord[]): Promise<number> {
    const ids = removed.map(({ id }) => id);
    const indexes = indexesOf(this.keys, removed);
    const { records, texts } = this.keys;
    const reply = await this.connection.run(
      REMOVE,
      [records, texts, ...indexes.keys()],
      [String(ids.length), ...ids, ...[...indexes.values()].map((numbers) => numbers.join(' '))],
    );
    return Number(reply);
  }

  /**
   * Stores records. If the server is full, it first deletes the records that these would replace
   * under `maxRecords`. Storing a batch needs room of its own. If that is not enough, it deletes
   * more, but at most a quarter of `maxRecords`, however often storing fails. A batch that still
   * does not fit is halved.
   *
   * @returns The number of all stored records; 0 if these were stored already.
   */
  private async storeMakingRoom(records: readonly UsageRecord[]): Promise<number> {
    const most = Math.max(records.length, Math.floor(this.maxRecords / 4));
    for (let room = records.length; ; room = Math.min(room * 2, most)) {
      try {
        return await this.storePart(records);
      } catch (error) {
        if (this.maxRecords === Infinity || !isOutOfMemory(error)) throw error;
        const removed = await this.remove({ beyond: Math.max(this.maxRecords - room, 0) });
        if (removed > 0 || room < most) continue;
        if (records.length === 1) throw error;
        const middle = records.length >> 1;
        await this.storeMakingRoom(records.slice(0, middle));
        return this.storeMakingRoom(records.slice(middle));
      }
    }
  }

  /** @returns The number of all stored records; 0 if these were stored already. */
  private async storePart(records: readonly UsageRecord[]): Promise<number> {
    const increments = this.sums.increments(records);
    if (increments.rows > ROWS_AT_ONCE && records.length > 1) {
      const middle = records.length >> 1;
      await this.storePart(records.slice(0, middle));
      return this.storePart(records.slice(middle));
    }
    const reply = await this.send(records, increments);
    // Some clients return numbers as text.
    if (!Array.isArray(reply)) return Number(reply);
    const known = new Set((reply as readonly RedisReply[]).map(String));
    const fresh = records.filter(({ id }) => !known.has(id));
    return fresh.length > 0 ? this.storePart(fresh) : 0;
  }

  private async send(
    records: readonly UsageRecord[],
    increments: IncrementArguments,
  ): Promise<RedisReply> {
    const { maxKeys } = this.sums;
    const indexes = indexesOf(this.keys, records);
    const dates = records.map(({ date }) => date.getTime());
    const { records: byDate, texts, lock } = this.keys;
    const keys = [byDate, texts, lock, ...indexes.keys(), ...increments.keys];
    const args = [
      ...[records.length, indexes.size, increments.buckets, maxKeys].map(String),
      ...[Math.min(...dates), Math.max(...dates), unhandledRows(maxKeys)].map(String),
      ...records.flatMap((record, at) => [record.id, String(dates[at]), textOfRecord(record)]),
      ...[...indexes.values()].map((numbers) => numbers.join(' ')),
      ...increments.args,
    ];
    const deadline = Date.now() + LOCK_TIMEOUT_MS;
    for (;;) {
      const reply = await this.connection.run(STORE, keys, args);
      if (reply !== 'BUSY') return reply;
      if (Date.now() > deadline)
        throw new StorageUnavailableError(
          'RedisStorage: the summaries of this time are being rebuilt or verified; records wait.',
        );
      await sleep(LOCK_PAUSE_MS);
    }
  }
}

// A record whose text is missing or unreadable has only its id. Its indexes are unknown.
function recordsAmong(found: readonly string[]): UsageRecord[] {
  const ids = found.filter((_, at) => at % 2 === 0);
  return ids.map((id, at) => readable(id, found[at * 2 + 1]!) ?? ({ id } as UsageRecord));
}

function readable(id: string, text: string): UsageRecord | null {
  try {
    return recordOfText(id, text);
  } catch {
    return null;
  }
}
