import type { UsageRecord } from '../../record/index.js';

/** The methods that OpenTelemetry's semantic conventions know. */
const STANDARD_METHODS = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

/** The method; `_OTHER` if it is not standard, because clients can send any. */
export function methodOf({ method }: UsageRecord): string {
  return STANDARD_METHODS.has(method) ? method : '_OTHER';
}

/** `https` or `http`. */
export function schemeOf({ url }: UsageRecord): 'https' | 'http' {
  return url.startsWith('https:') ? 'https' : 'http';
}

/**
 * Why a request failed: the status if it is 500 or more, `aborted` if the response did not finish,
 * else null. Status 400 to 499 is the client's error, not the server's.
 */
export function errorTypeOf({ status, outcome }: UsageRecord): string | null {
  if (status >= 500) return String(status);
  return outcome === 'aborted' ? 'aborted' : null;
}

/** Whether a status was sent. 499 stands for none if the client disconnected before. */
export function isStatusSent({ status, outcome }: UsageRecord): boolean {
  return status !== 499 || outcome !== 'aborted';
}
