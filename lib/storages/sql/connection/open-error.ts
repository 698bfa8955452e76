/** What is said where a database server cannot be reached. `shown`: which one, without its password. */
export function openError(shown: string, error: unknown): Error {
  return new Error(
    `SqlStorage: could not open the database (${shown}): ${reason(error)}. ` +
      'Check that the address is right, that the server runs and that it lets this user in.',
    { cause: error },
  );
}

/** What is said where a driver is missing. */
export function missingDriver(
  owner: string,
  database: string,
  name: string,
  error: unknown,
): Error {
  return new Error(
    `${owner}: the database ${database} needs the package ${name}, which is not ` +
      `installed. Install it with: npm install ${name}, or use other storages.`,
    { cause: error },
  );
}

// A refused connection to a name with several addresses has its reasons inside.
export function reason(error: unknown): string {
  const { message, errors, code } = error as AggregateError & { code?: string };
  return message || errors?.map((each: Error) => each.message).join('; ') || code || String(error);
}
