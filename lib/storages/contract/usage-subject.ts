import { inspect } from 'node:util';

/**
 * Whose records: those that have this visitor, this user's name or this address, as it is stored.
 * Exactly one of the three.
 *
 * @publicApi
 */
export type UsageSubject =
  | { readonly visitorId: string; readonly username?: never; readonly remoteAddr?: never }
  | { readonly username: string; readonly visitorId?: never; readonly remoteAddr?: never }
  | { readonly remoteAddr: string; readonly visitorId?: never; readonly username?: never };

const FIELDS = ['visitorId', 'username', 'remoteAddr'] as const;

/** A subject that has been checked. */
export interface ParsedSubject {
  readonly field: (typeof FIELDS)[number];
  readonly value: string;
}

/**
 * @param method How the message names what was called: `usage.forget()`.
 * @throws {TypeError} for no subject, more than one, or a value that is not text.
 */
export function parseSubject(given: unknown, method: string): ParsedSubject {
  const expected = `${method}: expected one of { visitorId }, { username } and { remoteAddr }`;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError(`${expected}, but got ${shown(given)}.`);
  const subject = given as Record<string, unknown>;
  const names = Object.keys(subject).filter((name) => subject[name] !== undefined);
  const unknown = names.find((name) => !FIELDS.includes(name as ParsedSubject['field']));
  if (unknown !== undefined)
    throw new TypeError(`${expected}, but got ${unknown}: ${shown(subject[unknown])}.`);
  if (names.length !== 1)
    throw new TypeError(
      `${expected}, but got ${names.length === 0 ? 'none of them' : names.join(' and ')}.` +
        (names.length === 0 ? ' Is a value undefined?' : ' Call it once for each.'),
    );
  const field = names[0] as ParsedSubject['field'];
  const value = subject[field];
  // An object must never get through: a document store would read it as an operator.
  if (typeof value !== 'string' || value === '')
    throw new TypeError(
      `${method}: ${field}: expected text that is not empty, but got ${shown(value)}.`,
    );
  // No record has one, and databases refuse it with an error of their own.
  if (value.includes('\0'))
    throw new TypeError(
      `${method}: ${field}: expected text without NUL characters, but got ${shown(value)}.`,
    );
  return { field, value };
}

function shown(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Infinity }).slice(0, 120);
}
