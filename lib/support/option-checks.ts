import { checkedTimeZone } from '../summary/index.js';
import { TrackUsageOptionsError } from './track-usage-options.error.js';
import { LONGEST_TIMER_MS } from './time-limit.js';

/** Checks one value; throws TrackUsageOptionsError under the given name if it does not fit. */
export type OptionCheck = (option: string, value: unknown) => void;

/** A check for each option that an object may have. */
export type OptionChecks<Options> = { readonly [Name in keyof Required<Options>]: OptionCheck };

/** Runs the checks over an object's options; those left out or undefined are not checked. */
export function checkOptions(given: object, checks: Record<string, OptionCheck>, path = ''): void {
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined)
      throw new TrackUsageOptionsError(
        path + name,
        value,
        `one of the options ${Object.keys(checks).join(', ')}`,
      );
    if (value !== undefined) check(path + name, value);
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

export const isTimeZone: OptionCheck = (option, value) => {
  try {
    checkedTimeZone(value);
  } catch (error) {
    throw new TrackUsageOptionsError(option, value, "an IANA time zone such as 'UTC'", {
      cause: error,
    });
  }
};
