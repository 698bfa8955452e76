import { createHmac } from 'node:crypto';
import type { CapturedRequest } from '../../record/captured-request.js';
import { MAX_USER_AGENT_LENGTH } from '../text-limits.js';
import type { DailySalts } from './daily-salts.js';

/** Length of an id in characters: 132 bits. */
const ID_LENGTH = 22;
// Leaves out the port, because processes on several ports of a machine serve one site.
const HOST_NAME = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:]*)/i;

/** Identifies visitors for one day without storing anything on their devices. */
export class DailyVisitors {
  constructor(private readonly salts: DailySalts) {}

  /**
   * Id of a request's visitor, the same for one day; null without an address. Hashes the full
   * address, whatever the `ip` option stores. Nobody can reverse the hash once the salt is deleted.
   */
  idOf(captured: CapturedRequest): string | null | Promise<string> {
    if (captured.remoteAddr === null) return null;
    const salt = this.salts.today();
    return typeof salt === 'string' ? hash(salt, captured) : salt.then((s) => hash(s, captured));
  }
}

function hash(salt: string, { remoteAddr, userAgent, url }: CapturedRequest): string {
  const agent = (userAgent ?? '').slice(0, MAX_USER_AGENT_LENGTH);
  const host = HOST_NAME.exec(url)?.[1]?.toLowerCase() ?? '';
  return createHmac('sha256', salt)
    .update(JSON.stringify([remoteAddr, agent, host]))
    .digest('base64url')
    .slice(0, ID_LENGTH);
}
