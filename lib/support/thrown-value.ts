import { inspect } from 'node:util';

const LONGEST_MESSAGE = 500;

/** Converts any thrown value to an Error. Never throws itself. */
export function asError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error && typeof thrown.message === 'string') return thrown;
    const text = typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 1 });
    return new Error(text.slice(0, LONGEST_MESSAGE), { cause: thrown });
  } catch {
    return new Error('a value that cannot be shown', { cause: thrown });
  }
}

/** The message of an error, or its name if the message is empty. Never throws. */
export function messageOf(thrown: unknown): string {
  try {
    const { message, code, name } = asError(thrown) as NodeJS.ErrnoException;
    return message || String(code ?? name);
  } catch {
    return 'an error that cannot be shown';
  }
}

/** The reason of a failed connection. A host with several addresses has one reason for each. */
export function connectionReason(error: unknown): string {
  const { message, errors, code } = error as AggregateError & { code?: string };
  return message || errors?.map((each: Error) => each.message).join('; ') || code || String(error);
}
