/** Longer timers overflow in Node.js and fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits for work up to a time limit. Work that takes longer is not stopped; its later failure is
 * ignored.
 *
 * @param onLate Returns the result on timeout, or throws.
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
