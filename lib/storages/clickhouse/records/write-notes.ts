import { randomUUID } from 'node:crypto';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import type { Tables } from '../format/tables.js';

/** An insert ends within this time, or the server ends it. */
export const MAX_WRITE_SECONDS = 120;
/** A write whose end was never noted has ended by then. */
const EXPIRY_US = 2 * MAX_WRITE_SECONDS * 1e6;
const POLL_MS = 50;

/**
 * Notes which hours are being written to, before and after each write of records. What depends on
 * which records there are waits for the writes that have begun. Instants are in microseconds by the
 * server's clock.
 */
export class WriteNotes {
  private readonly ends = new Set<Promise<void>>();
  /** What is about to be read, by the instant that is asked for. */
  private readonly next = new Map<number, Promise<readonly number[]>>();

  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
  ) {}

  /**
   * Notes that a write to some hours begins, by their first instants. Writing may begin when it
   * resolves.
   *
   * @returns A function that notes the end. Nobody need wait for it: a missing end is the same as a
   * late one. If the write fails, it may still be under way in the server, and has no end: the note
   * expires.
   */
  async begin(hours: readonly number[]): Promise<() => void> {
    const id = randomUUID();
    await this.note(id, 1, hours);
    return () => {
      const end = this.note(id, 0, hours)
        .catch(() => {})
        .finally(() => this.ends.delete(end));
      this.ends.add(end);
    };
  }

  /** Waits for the ends that are being noted. */
  async close(): Promise<void> {
    await Promise.all(this.ends);
  }

  /** The server's time. */
  async now(): Promise<number> {
    const [row] = await this.database.rows('SELECT toUnixTimestamp64Micro(now64(6))');
    return Number(row![0]);
  }

  /**
   * Waits until every write has ended that began by an instant and may have written before a date.
   *
   * @returns Whether there was any.
   */
  async settle(by: number, before: number | null = null): Promise<boolean> {
    for (let found = false; ; found = true) {
      const dates = before === null ? '' : ` AND first_date < ${before}`;
      const [row] = await this.database.rows(
        `SELECT count() FROM (SELECT write FROM ${this.tables.path('writes')} ` +
          `WHERE at > ${by - EXPIRY_US}${dates} GROUP BY write ` +
          `HAVING min(at) <= ${by} AND min(is_open) = 1) ` +
          `WHERE toUnixTimestamp64Micro(now64(6)) < ${by + EXPIRY_US}`,
      );
      if (Number(row![0]) === 0) return found;
      await sleep(POLL_MS);
    }
  }

  /** The hours of writes that may have ended after an instant. One turn asks once. */
  hoursSince(instant: number): Promise<readonly number[]> {
    let hours = this.next.get(instant);
    if (hours === undefined) {
      hours = turn().then(() => {
        this.next.delete(instant);
        return this.readHours(instant);
      });
      this.next.set(instant, hours);
    }
    return hours;
  }

  private async readHours(instant: number): Promise<number[]> {
    const rows = await this.database.rows(
      'SELECT DISTINCT arrayJoin(hours) FROM (SELECT any(hours) AS hours FROM ' +
        `${this.tables.path('writes')} WHERE at > ${instant - EXPIRY_US} ` +
        `GROUP BY write HAVING max(at) > ${instant} OR min(is_open) = 1)`,
    );
    return rows.map(([hour]) => Number(hour));
  }

  /** Deletes the notes of writes that have ended long before an instant. */
  async sweep(instant: number): Promise<void> {
    const old = `at < ${instant - 2 * EXPIRY_US}`;
    await this.tables.alter(this.database, 'writes', `DELETE WHERE ${old}`);
  }

  private async note(id: string, isOpen: 0 | 1, hours: readonly number[]): Promise<void> {
    await this.database.insert(
      this.tables.path('writes'),
      ['write', 'is_open', 'first_date', 'hours'],
      [[id, isOpen, Math.min(...hours), hours]],
      { distributed_foreground_insert: 1 },
    );
  }
}
