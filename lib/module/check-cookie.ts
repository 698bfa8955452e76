import { VisitorCookie, type CookieOptions } from '../enrichment/index.js';
import {
  checkOptions,
  isBoolean,
  isCount,
  isOneOf,
  isText,
  type OptionChecks,
} from '../support/option-checks.js';

const COOKIE_CHECKS: OptionChecks<CookieOptions> = {
  name: isText,
  maxAge: isCount,
  domain: isText,
  path: isText,
  sameSite: isOneOf('lax', 'strict', 'none'),
  secure: isBoolean,
};

/** Checks the `cookie` option, and that its parts fit together. */
export function checkCookie(option: string, cookie: unknown): void {
  if (typeof cookie !== 'object' || cookie === null || Array.isArray(cookie))
    return isBoolean(option, cookie);
  checkOptions(cookie, COOKIE_CHECKS, `${option}.`);
  new VisitorCookie(cookie);
}
