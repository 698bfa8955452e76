import { hash } from 'node:crypto';
import { RepeatCounter } from './repeat-counter.js';

/**
 * Derives ids from what is imported, so that a request has the same id whenever, and from wherever,
 * it is imported again: a UUIDv7 of the date, whose other bits are a hash of the content and of how
 * many equal ones came before.
 */
export class RequestIdentity {
  private readonly repeats = new RepeatCounter();

  /** @param date Milliseconds since the epoch. */
  idOf(date: number, content: string): string {
    const first = digest(content);
    const before = this.repeats.add(date, first);
    return uuid(date, before === 0 ? first : digest(`${content}\n${before}`));
  }

  close(): void {
    this.repeats.close();
  }
}

/** In hexadecimal. One call for all of it: half of the time goes into making an object for each. */
function digest(text: string): string {
  return hash('sha1', text);
}

/** The 48 bits of a date, and 74 bits of a hash. */
function uuid(date: number, digits: string): string {
  const time = Math.max(0, Math.floor(date)).toString(16).padStart(12, '0').slice(-12);
  const variant = VARIANTS[digits.charCodeAt(3) & 0x3]!;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digits.slice(0, 3)}-${variant}${digits.slice(4, 7)}-${digits.slice(7, 19)}`;
}

const VARIANTS = '89ab';
