import { TrackUsageOptionsError } from './track-usage-options.error.js';
import { LONGEST_TIMER_MS } from './time-limit.js';

/**
 * Checks the value of one option.
 *
 * @throws {TrackUsageOptionsError} if the value does not fit.
 */
export type OptionCheck = (option: string, value: unknown) => void;

/** The check, default and unit of one option. This entry is their only source. */
export interface OptionEntry<Value = unknown> {
  readonly check: OptionCheck;
  /** The default; undefined if there is none or if `defaultText` says how it is determined. */
  readonly default?: Value;
  /** The default in words, if the value alone does not describe it. */
  readonly defaultText?: string;
  /** What a number counts: `ms`, `bytes`, `records`. */
  readonly unit?: string;
  /** The table of the options inside this one. */
  readonly options?: Readonly<Record<string, OptionEntry>>;
}

/** An entry for each option of an object. */
export type OptionTable<Options> = {
  readonly [Name in keyof Required<Options>]: OptionEntry<Options[Name]>;
};

/**
 * Checks an object's options by their table. Accepts options that are missing or undefined.
 *
 * @param path Prefix of the option names in errors: `cookie.`.
 * @throws {TrackUsageOptionsError} if an option is unknown or does not fit. Names the first one.
 */
export function checkOptions(
  options: object,
  table: Readonly<Record<string, OptionEntry>>,
  path = '',
): void {
  for (const [name, value] of Object.entries(options)) {
    const entry = Object.hasOwn(table, name) ? table[name] : undefined;
    if (entry === undefined)
      throw new TrackUsageOptionsError(
        path + name,
        value,
        `one of the options ${Object.keys(table).join(', ')}`,
      );
    if (value !== undefined) entry.check(path + name, value);
  }
}

function check(expected: string, accepts: (value: unknown) => boolean): OptionCheck {
  return (option, value) => {
    if (!accepts(value)) throw new TrackUsageOptionsError(option, value, expected);
  };
}

export const isText = check('text that is not empty', (value) => {
  return typeof value === 'string' && value.trim() !== '';
});

export const isFunction = check('a function', (value) => typeof value === 'function');

export const isCount = check('a whole number from 1', (value) => {
  return Number.isSafeInteger(value) && (value as number) >= 1;
});

export const isMilliseconds = check(
  `milliseconds as a whole number from 1 to ${LONGEST_TIMER_MS}`,
  (value) => {
    return (
      Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LONGEST_TIMER_MS
    );
  },
);

export const isShare = check('a number above 0 and at most 1', (value) => {
  return typeof value === 'number' && value > 0 && value <= 1;
});

export const isBoolean = check('true or false', (value) => typeof value === 'boolean');

export const isBooleanOrFunction = check('true, false or a function', (value) => {
  return typeof value === 'boolean' || typeof value === 'function';
});

export const isClassList = check('an array of controller classes', (value) => {
  return Array.isArray(value) && value.every((item) => typeof item === 'function');
});

export const isNameListOrFalse = check('an array of names, or false', (value) => {
  return (
    value === false || (Array.isArray(value) && value.every((item) => typeof item === 'string'))
  );
});

export function isOneOf(...allowed: readonly string[]): OptionCheck {
  const expected = allowed.map((value) => `'${value}'`).join(' or ');
  return check(expected, (value) => typeof value === 'string' && allowed.includes(value));
}
