import { shownValue } from '../../support/shown-value.js';

const FIELDS = ['visitorId', 'username', 'remoteAddr', 'consumer'] as const;

/** A checked subject. */
export interface ParsedSubject {
  readonly field: (typeof FIELDS)[number];
  readonly value: string;
}

/**
 * @param method Name of the called method in messages: `usage.forget()`.
 * @throws {TypeError} if `given` is not exactly one of the fields, or its value is not text, is
 * empty or holds a NUL character.
 */
export function parseSubject(given: unknown, method: string): ParsedSubject {
  const expected = `${method}: expected one of { visitorId }, { username }, { remoteAddr } and { consumer }`;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError(`${expected}, but got ${shownValue(given, 1)}.`);
  const subject = given as Record<string, unknown>;
  const names = Object.keys(subject).filter((name) => subject[name] !== undefined);
  const unknown = names.find((name) => !FIELDS.includes(name as ParsedSubject['field']));
  if (unknown !== undefined)
    throw new TypeError(`${expected}, but got ${unknown}: ${shownValue(subject[unknown], 1)}.`);
  if (names.length !== 1)
    throw new TypeError(
      `${expected}, but got ${names.length === 0 ? 'none of them' : names.join(' and ')}.` +
        (names.length === 0 ? ' Is a value undefined?' : ' Call it once for each.'),
    );
  const field = names[0] as ParsedSubject['field'];
  const value = subject[field];
  // Objects must not pass: a document store would read them as operators.
  if (typeof value !== 'string' || value === '')
    throw new TypeError(
      `${method}: ${field}: expected text that is not empty, but got ${shownValue(value, 1)}.`,
    );
  // No record has a NUL character, and databases reject one with an error of their own.
  if (value.includes('\0'))
    throw new TypeError(
      `${method}: ${field}: expected text without NUL characters, but got ${shownValue(value, 1)}.`,
    );
  return { field, value };
}
