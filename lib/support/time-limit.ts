/** Longer timers overflow in Node.js and fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Gives work a time limit. Work that goes on after it is left alone; if it fails then, nobody hears.
 *
 * @param onLate Gives the result where the time is up, or throws.
 */
export async function withTimeLimit<T, Late = T>(
  work: PromiseLike<T>,
  limitMs: number,
  onLate: () => Late,
): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(limitMs, LONGEST_TIMER_MS));
  });
  try {
    return await Promise.race([work, passed.then(onLate)]);
  } finally {
    clearTimeout(timer);
  }
}
