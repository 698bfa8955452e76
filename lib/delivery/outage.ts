import { StorageUnavailableError } from '../storages/contract/storage-unavailable.error.js';
import { StoreTimeoutError } from './store-call.js';
import type { QuietLogger } from '../support/usage-logger.js';

/** Of the network, of a disk that takes nothing, and of streams that are gone. */
const OUTAGE_CODES = new Set([
  'EAI_AGAIN',
  'EDQUOT',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EIO',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENFILE',
  'ENOSPC',
  'ENOTCONN',
  'ENOTFOUND',
  'EPIPE',
  'EROFS',
  'ERR_SOCKET_CLOSED',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
]);

// Causes may go round in a circle.
const MAX_CAUSE_DEPTH = 8;

/**
 * Whether an error speaks of the way to the store, so that no record can be to blame for it. Never
 * throws.
 */
export function isOutage(error: Error): boolean {
  try {
    return speaksOfOutage(error, MAX_CAUSE_DEPTH);
  } catch {
    return false;
  }
}

function speaksOfOutage(error: Error, depth: number): boolean {
  if (error instanceof StoreTimeoutError || error instanceof StorageUnavailableError) return true;
  const { code, cause } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && OUTAGE_CODES.has(code)) return true;
  return depth > 0 && cause instanceof Error && speaksOfOutage(cause, depth - 1);
}

/** After this many failures in a row the storage counts as down, or the batch as poisoned. */
export const PERSISTENT_FAILURE_COUNT = 3;
/** An outage is over after this time without a failure. */
const QUIET_TIME_MS = 10_000;

/**
 * Logs once when a storage begins to fail, and once when it has recovered. A storage that takes
 * records now and then, as on a full disk, has not recovered: it would log two lines each time.
 */
export class OutageLog {
  private isLogged = false;
  private recovery: NodeJS.Timeout | undefined;

  constructor(
    private readonly storage: string,
    private readonly logger: QuietLogger,
  ) {}

  /** @param failures How many there were in a row. */
  failed(failures: number, message: string): void {
    clearTimeout(this.recovery);
    this.recovery = undefined;
    if (failures < PERSISTENT_FAILURE_COUNT || this.isLogged) return;
    this.isLogged = true;
    this.logger.warn(
      `Storage '${this.storage}' has failed ${failures} times in a row; its records wait and are sent again: ${message}`,
    );
  }

  succeeded(): void {
    if (!this.isLogged || this.recovery !== undefined) return;
    this.recovery = setTimeout(() => this.recovered(), QUIET_TIME_MS);
    this.recovery.unref();
  }

  /** There will be no more calls: what has recovered by now has recovered. */
  close(): void {
    if (this.recovery !== undefined) this.recovered();
  }

  private recovered(): void {
    clearTimeout(this.recovery);
    this.recovery = undefined;
    this.isLogged = false;
    this.logger.log(`Storage '${this.storage}' takes records again.`);
  }
}
