/** The first of some dates, in milliseconds since the epoch; null if there is none. */
export function earliest(dates: readonly (number | null)[]): number | null {
  const known = dates.filter((date) => date !== null);
  return known.length > 0 ? Math.min(...known) : null;
}
