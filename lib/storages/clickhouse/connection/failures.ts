import { StorageUnavailableError } from '../../contract/storage-errors.js';

/** An error of the client: of the server with its number, or of the connection. */
interface ClientError extends Error {
  readonly code?: string;
  readonly type?: string;
}

// What ClickHouse says of a value that it cannot take. Every other error may pass by itself.
const ABOUT_RECORDS = new Set(
  [6, 25, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 131, 349, 441, 467, 469].map(String),
);

const HINTS: Readonly<Record<string, string>> = {
  60: 'a table is missing; it may have been dropped since the start',
  81: 'the database is missing; it may have been dropped since the start',
  164: 'the user may only read',
  192: 'it does not know the user',
  193: 'the password is wrong',
  252: 'it gets more inserts than it can merge; make batchSize and flushInterval larger',
  497: 'the user lacks a right; grant it, or start the application once as a user that has it',
  516: 'it wants a username and a password that it knows: { username, password }',
};

/** Whether the server answered with an error of this number. */
export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  const { cause } = error as Error;
  return [error, cause].some((each) => codes.includes(Number((each as ClientError)?.code ?? NaN)));
}

/**
 * Turns an error of the client into one for the application's log: which server, what it answered,
 * what to do. An error that may pass becomes a `StorageUnavailableError`, so that delivery keeps the
 * records.
 */
export function toStorageError(given: unknown, shown: string): Error {
  if (given instanceof StorageUnavailableError) return given;
  const error = given as ClientError;
  const code = String(error.code ?? '');
  if (/^\d+$/.test(code)) {
    const hint = HINTS[code];
    const said = error.message.trim().replace(/\.$/, '');
    const message =
      `ClickHouseStorage: ClickHouse (${shown}) answered ${code}` +
      `${error.type ? ` ${error.type}` : ''}: ${said}${hint ? `; ${hint}` : ''}.`;
    return ABOUT_RECORDS.has(code)
      ? Object.assign(new Error(message, { cause: error }), { code })
      : new StorageUnavailableError(message, { cause: error });
  }
  const cause = error.cause as AggregateError | undefined;
  const reason =
    (error as Partial<AggregateError>).errors?.map((each: Error) => each.message).join('; ') ||
    cause?.message ||
    error.message ||
    code ||
    String(error);
  if (/^\s*<|<html/i.test(reason))
    return new StorageUnavailableError(
      `ClickHouseStorage: what answers at ${shown} is not ClickHouse, or a proxy before it. It ` +
        `said: ${JSON.stringify(reason.trim().slice(0, 80))}. Check the address.`,
      { cause: error },
    );
  return new StorageUnavailableError(
    `ClickHouseStorage: ClickHouse (${shown}) cannot be reached: ${reason}. ` +
      'Check that the address is right and that the server runs.',
    { cause: error },
  );
}
