import { randomBytes } from 'node:crypto';
import type { LoggerService } from '@nestjs/common';
import { withTimeLimit } from '../../support/time-limit.js';

const SALT_BYTES = 32;

const MIN_SALT_LENGTH = 16;
const STORE_TIMEOUT_MS = 5000;
const RETRY_PAUSE_MS = 10_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Salt {
  readonly day: string;
  readonly value: string;
  /** When to ask the store again after a failure; Infinity once it has answered. */
  readonly askAgainAt: number;
}

/**
 * The random salt of each day (UTC). It is the same in every process that shares the store. The
 * salts of past days are deleted everywhere one hour after midnight, when no process's clock can
 * still show the day before.
 */
export class DailySalts {
  private current: Salt | null = null;
  private request: Promise<string> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private failureLogged = false;
  private closed = false;

  /** @param store Null: each process has its own salts and counts visitors on its own. */
  constructor(
    private readonly store: DailySaltStore | null,
    private readonly logger: LoggerService,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Today's salt, synchronously if it is known. Never rejects: while the store fails, this process
   * uses a salt of its own. The salt is proposed again later, and all processes share it if the
   * store accepts it.
   */
  today(): string | Promise<string> {
    const now = this.now();
    const day = dayOf(now);
    const known = this.current?.day === day ? this.current : null;
    if (known === null) return this.salt(day, now);
    if (now >= known.askAgainAt) void this.askOnce(day, known.value);
    return known.value;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.current = null;
  }

  private salt(day: string, now: number): string | Promise<string> {
    this.scheduleForgetting(now);
    const proposed = randomBytes(SALT_BYTES).toString('base64url');
    if (this.store !== null) return this.askOnce(day, proposed);
    this.current = { day, value: proposed, askAgainAt: Infinity };
    return proposed;
  }

  private askOnce(day: string, proposed: string): Promise<string> {
    this.request ??= this.askStore(day, proposed).finally(() => (this.request = null));
    return this.request;
  }

  private async askStore(day: string, proposed: string): Promise<string> {
    let salt: Salt = { day, value: proposed, askAgainAt: this.now() + RETRY_PAUSE_MS };
    try {
      const ask = async () => this.store?.dailySalt(day, proposed);
      const value = await withTimeLimit(ask(), STORE_TIMEOUT_MS, throwNoAnswer);
      if (typeof value !== 'string' || value.length < MIN_SALT_LENGTH) {
        throw new TypeError('dailySalt() must resolve to the salt that is stored.');
      }
      salt = { day, value, askAgainAt: Infinity };
    } catch (error) {
      this.logFailure('Daily visitors are counted by this process for itself', error, proposed);
    }
    if (!this.closed) this.current = salt;
    return salt.value;
  }

  private scheduleForgetting(now: number): void {
    const intoDay = now % DAY_MS;
    this.forgetIn(intoDay < HOUR_MS ? HOUR_MS - intoDay : 0);
  }

  private forgetIn(wait: number): void {
    clearTimeout(this.timer);
    if (this.closed) return;
    this.timer = setTimeout(() => void this.forget(), wait);
    this.timer.unref();
  }

  private async forget(): Promise<void> {
    const now = this.now();
    const today = dayOf(now);
    if (this.current !== null && this.current.day !== today) this.current = null;
    // Schedules the next day's deletion now, because no request may arrive until then.
    this.forgetIn(DAY_MS - (now % DAY_MS) + HOUR_MS);
    try {
      const forget = async () => this.store?.forgetDailySalts(today);
      await withTimeLimit(forget(), STORE_TIMEOUT_MS, throwNoAnswer);
    } catch (error) {
      this.logFailure('The salts of past days could not be deleted', error);
    }
  }

  // Removes the salt from the message, because a server may repeat the values that it received.
  private logFailure(what: string, error: unknown, salt = this.current?.value): void {
    if (this.failureLogged) return;
    this.failureLogged = true;
    const reason = salt === undefined ? String(error) : String(error).replaceAll(salt, '[salt]');
    this.logger.warn(`${what}. This is logged once: ${reason}`);
  }
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function throwNoAnswer(): never {
  throw new Error(`No answer within ${STORE_TIMEOUT_MS} ms.`);
}

/** Where the processes of an application share the salts of daily visitors. */
export interface DailySaltStore {
  /**
   * The salt of a day. Returns the stored salt; if there is none, stores and returns `proposed`.
   * All processes that call it at the same time get the same salt.
   *
   * @param day Date in UTC: `2026-11-23`.
   */
  dailySalt(day: string, proposed: string): Promise<string>;
  /** Deletes the salts of all days before the given one. */
  forgetDailySalts(before: string): Promise<void>;
}
