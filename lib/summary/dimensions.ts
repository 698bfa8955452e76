import { inspect } from 'node:util';
import { SummaryHook } from './summary-hook.js';

/**
 * The name of a dimension that the caller of `getSum` gave as a hook or as a name.
 *
 * @throws {TypeError} if it is neither, such as a group of hooks.
 */
export function dimensionOf(dimension: SummaryHook | string): string {
  if (typeof dimension === 'string') return dimension;
  if (dimension instanceof SummaryHook) return dimension.dimension;
  const hint = Array.isArray(dimension) ? ' Ask for one summary of the group at a time.' : '';
  throw new TypeError(
    `dimension: expected a summary's hook or its name, such as sumUrls or 'url', but got ` +
      `${inspect(dimension, { depth: 0 })}.${hint}`,
  );
}

/**
 * The summaries among a storage's hooks, in order, including those in groups. A summary that is
 * given twice is returned once.
 *
 * @throws {TypeError} if two different summaries have the same name.
 */
export function summariesOf(hooks: readonly unknown[] = []): SummaryHook[] {
  const byName = new Map<string, SummaryHook>();
  for (const hook of (hooks as unknown[]).flat(Infinity)) {
    if (!(hook instanceof SummaryHook)) continue;
    const other = byName.get(hook.dimension);
    if (other && other !== hook)
      throw new TypeError(
        `hooks: two different summaries are named '${hook.dimension}'. Give one of them another ` +
          `name: summary('${hook.dimension}2', …).`,
      );
    byName.set(hook.dimension, hook);
  }
  return [...byName.values()];
}
