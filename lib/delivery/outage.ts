import { StorageUnavailableError } from '../storages/contract/storage-errors.js';
import { StoreTimeoutError } from './store-call.js';
import type { QuietLogger } from '../support/usage-logger.js';

/** Error codes of the network, of a full or failing disk, and of destroyed streams. */
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

// The chain of causes may be circular.
const MAX_CAUSE_DEPTH = 8;

/**
 * Whether an error concerns the connection to the storage, so that no record can be its cause.
 * Never throws.
 */
export function isOutage(error: Error): boolean {
  try {
    return indicatesOutage(error, MAX_CAUSE_DEPTH);
  } catch {
    return false;
  }
}

function indicatesOutage(error: Error, depth: number): boolean {
  if (error instanceof StoreTimeoutError || error instanceof StorageUnavailableError) return true;
  const { code, cause } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && OUTAGE_CODES.has(code)) return true;
  return depth > 0 && cause instanceof Error && indicatesOutage(cause, depth - 1);
}

/** After this many failures in a row the storage counts as down, or the batch as poisoned. */
export const PERSISTENT_FAILURE_COUNT = 3;
/** An outage ends after this time without a failure. */
const QUIET_TIME_MS = 10_000;

/**
 * Logs once when a storage begins to fail, and once when it has recovered. A storage that accepts
 * records only now and then, as on a full disk, does not count as recovered. Otherwise each success
 * would log two lines.
 */
export class OutageLog {
  private isLogged = false;
  private recovery: NodeJS.Timeout | undefined;

  constructor(
    private readonly storage: string,
    private readonly logger: QuietLogger,
  ) {}

  /** @param failures Number of failures in a row. */
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

  /** Ends the log. Logs the recovery if the storage has recovered by now. */
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
