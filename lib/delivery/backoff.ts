const BASE_DELAY = 100;
const LONGEST_DELAY = 30_000;
/** The longest delay where somebody waits for the outcome: a flush, a shutdown. */
export const LONGEST_HURRIED_DELAY = 250;

/**
 * Milliseconds to wait before the next try after `failures` failures in a row: exponential with
 * full jitter, so that many processes do not come back to a store at one moment.
 */
export function backoff(failures: number, longest = LONGEST_DELAY): number {
  return Math.random() * Math.min(longest, BASE_DELAY * 2 ** Math.min(failures, 20));
}
