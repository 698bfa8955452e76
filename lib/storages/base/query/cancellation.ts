import { LONGEST_TIMER_MS } from '../../../support/time-limit.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';

/** What ends a query early. */
export interface Cancellation {
  /** Null: nobody can end it. */
  readonly signal?: AbortSignal | null;
  /** Milliseconds from the call on. Null: any time. */
  readonly timeout?: number | null;
}

/** @throws {UsageQueryError} if `signal` is no AbortSignal or `timeout` no number of milliseconds. */
export function parseCancellation(given: { signal?: unknown; timeout?: unknown }): Cancellation {
  const { signal, timeout } = given;
  if (signal !== undefined && !isSignal(signal))
    throw new UsageQueryError('signal', signal, 'an AbortSignal');
  if (timeout === undefined) return { signal: signal ?? null, timeout: null };
  if (!Number.isInteger(timeout) || Number(timeout) < 1 || Number(timeout) > LONGEST_TIMER_MS)
    throw new UsageQueryError(
      'timeout',
      timeout,
      `a whole number of milliseconds from 1 to ${LONGEST_TIMER_MS}`,
    );
  return { signal: signal ?? null, timeout: Number(timeout) };
}

/**
 * Does work that the caller's signal or time limit ends. Rejects with the signal's reason, or with a
 * `TimeoutError`, as soon as it is ended.
 *
 * @param work Gets the signal that ends it, or null if nothing can.
 */
export async function withTimeout<T>(
  cancellation: Cancellation,
  work: (signal: AbortSignal | null) => Promise<T>,
): Promise<T> {
  const limit = startLimit(cancellation);
  if (limit === null) return work(null);
  const { signal, clear } = limit;
  try {
    signal.throwIfAborted();
    return await new Promise<T>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      work(signal).then(resolve, reject);
    });
  } finally {
    clear();
  }
}

/**
 * Streams what the caller's signal or time limit ends, and rejects as soon as it is ended. The time is
 * that of the whole stream.
 */
export async function* streamWithTimeout<T>(
  cancellation: Cancellation,
  stream: (signal: AbortSignal | null) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const limit = startLimit(cancellation);
  if (limit === null) {
    yield* stream(null);
    return;
  }
  const { signal, clear } = limit;
  const items = stream(signal)[Symbol.asyncIterator]();
  let fail: (reason: unknown) => void = () => {};
  signal.addEventListener('abort', () => fail(signal.reason), { once: true });
  const next = () =>
    new Promise<IteratorResult<T>>((resolve, reject) => {
      fail = reject;
      items.next().then(resolve, reject);
    });
  try {
    signal.throwIfAborted();
    for (let item = await next(); !item.done; item = await next()) {
      yield item.value;
      signal.throwIfAborted();
    }
  } catch (error) {
    // Databases say in many ways that they were stopped.
    throw signal.aborted ? signal.reason : error;
  } finally {
    clear();
    const ended = items.return?.();
    // What a database does not answer must not be waited for.
    if (signal.aborted) ended?.catch(() => {});
    else await ended;
  }
}

function startLimit({
  signal,
  timeout,
}: Cancellation): { signal: AbortSignal; clear: () => void } | null {
  if (!timeout && !signal) return null;
  // A signal of its own: the caller's may live long, and would keep a listener of each query.
  const controller = new AbortController();
  const late = () =>
    new DOMException(`The query took longer than its timeout of ${timeout} ms.`, 'TimeoutError');
  const timer = timeout ? setTimeout(() => controller.abort(late()), timeout) : undefined;
  const onAbort = () => controller.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const clear = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
  return { signal: controller.signal, clear };
}

function isSignal(value: unknown): value is AbortSignal {
  const given = value as Partial<AbortSignal> | null;
  return typeof given?.aborted === 'boolean' && typeof given.addEventListener === 'function';
}
