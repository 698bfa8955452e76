import { Slice } from '../../../support/slice.js';

/** Items that are sorted at once: it must not take long. */
const RUN_LENGTH = 2000;

/**
 * Sorts any number of items without holding the event loop.
 *
 * @param take How many of the first items are returned.
 */
export async function sortInSlices<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  take: number,
): Promise<T[]> {
  const slice = new Slice();
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += RUN_LENGTH) {
    runs.push(
      items
        .slice(at, at + RUN_LENGTH)
        .sort(compare)
        .slice(0, take),
    );
    await slice.step();
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2)
      merged.push(await merge(runs[at]!, runs[at + 1] ?? [], compare, take, slice));
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Merges two sorted lists without holding the event loop. */
export function mergeInSlices<T>(
  some: readonly T[],
  others: readonly T[],
  compare: (a: T, b: T) => number,
): Promise<T[]> {
  return merge(some, others, compare, Infinity, new Slice());
}

async function merge<T>(
  some: readonly T[],
  others: readonly T[],
  compare: (a: T, b: T) => number,
  take: number,
  slice: Slice,
): Promise<T[]> {
  const merged: T[] = [];
  const length = Math.min(some.length + others.length, take);
  for (let i = 0, j = 0; merged.length < length;) {
    const isFirst = j >= others.length || (i < some.length && compare(some[i]!, others[j]!) <= 0);
    merged.push(isFirst ? some[i++]! : others[j++]!);
    if (merged.length % RUN_LENGTH === 0) await slice.step();
  }
  return merged;
}
