import { checkedTimeZone } from '../../summary/index.js';
import { CommandUsageError } from '../usage-error.js';

/** @throws {CommandUsageError} if `--time-zone` names none. */
export function zoneOfFlag(given: string): string {
  try {
    return checkedTimeZone(given);
  } catch (error) {
    throw new CommandUsageError(`--time-zone: ${(error as Error).message}`, { cause: error });
  }
}

/** Why sums cannot be read in the given zone. */
export function otherZone(given: string, from: string | null): Error {
  return new CommandUsageError(
    from === null
      ? `The sums are cut in no known time zone. Give the application's own by --time-zone.`
      : `--time-zone is '${given}', but the sums are cut in '${from}'. Leave it out, or change the ` +
          "application's option timeZone with onTimeZoneChange: 'rebuild'.",
  );
}
