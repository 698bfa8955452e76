import { inspect } from 'node:util';

/**
 * Checks the name of a time zone.
 *
 * @returns The name, unchanged.
 * @throws {RangeError} if it is not the IANA name of a time zone that this Node.js knows.
 */
export function checkedTimeZone(timeZone: unknown): string {
  if (typeof timeZone === 'string' && /^[A-Za-z]/.test(timeZone)) {
    try {
      new Intl.DateTimeFormat('en-US', { timeZone });
      return timeZone;
    } catch {
      // The error below says what to do.
    }
  }
  throw new RangeError(
    `timeZone: expected the IANA name of a time zone, such as 'UTC' or 'Europe/Zurich', but got ` +
      `${inspect(timeZone)}.${suggestion(timeZone)}`,
  );
}

function suggestion(timeZone: unknown): string {
  const wanted = lettersOf(timeZone);
  if (wanted.length < 3) return '';
  const near = Intl.supportedValuesOf('timeZone').filter((name) =>
    lettersOf(name).includes(wanted),
  );
  return near.length ? ` Did you mean '${near.slice(0, 3).join("' or '")}'?` : '';
}

function lettersOf(text: unknown): string {
  return typeof text === 'string'
    ? text
        .normalize('NFD')
        .replace(/[^A-Za-z]/g, '')
        .toLowerCase()
    : '';
}
