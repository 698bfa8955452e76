import type { BaseStorageParts } from '../storage-parts.js';
import type { Cancellation } from './cancellation.js';

/** The parts of a storage, of whose sums and notes none is read after a signal. */
export function withCancellableSums(
  parts: BaseStorageParts,
  { signal, timeout = null }: Cancellation,
): BaseStorageParts {
  if (!signal) return parts;
  const { sums, values } = parts;
  const read: typeof values.read = async (kind, names) => {
    signal.throwIfAborted();
    return values.read(kind, names);
  };
  return {
    ...parts,
    // Each of its functions takes a query.
    sums: wrapped(sums, (method) => (query: object) => method({ ...query, signal, timeout })),
    values: wrapped(values, (method, name) => (name === 'read' ? read : method)),
  };
}

type Method = (...args: unknown[]) => unknown;

/** An object with other functions in the place of its own. */
function wrapped<T extends object>(
  object: T,
  change: (method: Method, name: string) => unknown,
): T {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function'
        ? change((value as Method).bind(target), String(name))
        : value;
    },
  });
}
