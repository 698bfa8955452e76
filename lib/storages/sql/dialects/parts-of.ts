/**
 * Splits a list into parts of at most `most` entries whose sizes add up to at most `mostSize`. An
 * entry that exceeds `mostSize` by itself is a part of its own.
 */
export function* partsOf<T>(
  items: readonly T[],
  most: number,
  sizeOf: (item: T) => number = () => 0,
  mostSize = Infinity,
): Generator<readonly T[]> {
  let from = 0;
  let size = 0;
  for (let at = 0; at < items.length; at++) {
    const own = sizeOf(items[at]!);
    if (at > from && (at - from === most || size + own > mostSize)) {
      yield items.slice(from, at);
      [from, size] = [at, 0];
    }
    size += own;
  }
  if (from < items.length) yield from === 0 ? items : items.slice(from);
}
