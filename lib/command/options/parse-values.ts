import { CommandUsageError } from '../usage-error.js';

/** The names of a list such as `route,consumer`. */
export function parseNames(given: string | undefined): readonly string[] | undefined {
  return given?.split(',').map((name) => name.trim());
}

/** @throws {CommandUsageError} if the flag is given and is no whole number from 1. */
export function parseCount(flag: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const count = Number(given);
  if (/^\d+$/.test(given) && Number.isSafeInteger(count) && count >= 1) return count;
  throw new CommandUsageError(
    `${flag}: expected a whole number from 1, but got ${JSON.stringify(given)}.`,
  );
}

/** @throws {CommandUsageError} if the flag is given and is none of the names. */
export function parseChoice<Name extends string>(
  flag: string,
  given: string | undefined,
  names: readonly Name[],
): Name | undefined {
  if (given === undefined || names.includes(given as Name)) return given as Name | undefined;
  throw new CommandUsageError(
    `${flag}: expected ${names.join(', ').replace(/, ([^,]*)$/, ' or $1')}, but got ` +
      `${JSON.stringify(given)}.`,
  );
}
