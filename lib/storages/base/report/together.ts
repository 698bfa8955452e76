/**
 * Does tasks at once, or one after the other. On a server, waiting for its answers takes most of the
 * time; an embedded database answers one question at a time anyway.
 *
 * @returns Their results, in order.
 */
export async function together<T>(
  tasks: readonly (() => Promise<T>)[],
  isSequential = false,
): Promise<T[]> {
  if (!isSequential) return Promise.all(tasks.map((task) => task()));
  const results: T[] = [];
  for (const task of tasks) results.push(await task());
  return results;
}
