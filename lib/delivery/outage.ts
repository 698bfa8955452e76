import { StorageUnavailableError } from '../storages/storage-unavailable.error.js';
import { StoreTimeoutError } from './store-call.js';

const NETWORK_CODES = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
]);

/** Whether an error speaks of the way to the store, so that no record can be to blame for it. */
export function isOutage(error: Error): boolean {
  if (error instanceof StoreTimeoutError || error instanceof StorageUnavailableError) return true;
  const { code, cause } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && NETWORK_CODES.has(code)) return true;
  return cause instanceof Error && cause !== error && isOutage(cause);
}
