/**
 * Splits items into parts of at most `most` entries whose sizes add up to at most `mostSize`. An
 * entry that exceeds `mostSize` by itself is a part of its own.
 */
export function* partsOf<T>(
  items: Iterable<T>,
  most: number,
  sizeOf: (item: T) => number = () => 0,
  mostSize = Infinity,
): Generator<readonly T[]> {
  let part: T[] = [];
  let size = 0;
  for (const item of items) {
    const own = sizeOf(item);
    if (part.length > 0 && (part.length === most || size + own > mostSize)) {
      yield part;
      [part, size] = [[], 0];
    }
    part.push(item);
    size += own;
  }
  if (part.length > 0) yield part;
}
