import { StorageUnavailableError } from '../storages/contract/storage-unavailable.error.js';
import { StoreTimeoutError } from './store-call.js';

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
const DEEPEST_CAUSE = 8;

/**
 * Whether an error speaks of the way to the store, so that no record can be to blame for it. Never
 * throws.
 */
export function isOutage(error: Error): boolean {
  try {
    return speaksOfOutage(error, DEEPEST_CAUSE);
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
