const BASE_DELAY = 100;
const LONGEST_DELAY = 30_000;

/**
 * Milliseconds to wait before the next try after `failures` failures in a row: exponential with
 * full jitter, so that many processes do not come back to a store at one moment.
 */
export function backoff(failures: number): number {
  return Math.random() * Math.min(LONGEST_DELAY, BASE_DELAY * 2 ** Math.min(failures, 20));
}
