import {
  checkOptions,
  isBoolean,
  isCount,
  isOneOf,
  isText,
  type OptionTable,
} from '../../support/option-checks.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * The cookie that identifies a returning visitor. It is first-party and `HttpOnly`, holds only a
 * random id, and is not renewed.
 *
 * @publicApi
 */
export interface CookieOptions {
  /**
   * Name of the cookie.
   * @default 'track_usage'
   */
  name?: string;
  /**
   * Seconds until the browser deletes the cookie, at most 34,128,000: 13 months.
   * @default 34_128_000
   */
  maxAge?: number;
  /**
   * Domain to whose hosts the browser sends the cookie.
   * @default the host that set it, alone
   */
  domain?: string;
  /**
   * Path below which the browser sends the cookie.
   * @default '/'
   */
  path?: string;
  /**
   * The cookie's `SameSite` attribute. `'none'` requires `secure: true`.
   * @default 'lax'
   */
  sameSite?: 'lax' | 'strict' | 'none';
  /**
   * Whether the browser sends the cookie over HTTPS only.
   * @default true for a request that came over HTTPS
   */
  secure?: boolean;
}

/** 13 months, the longest lifetime that the supervisory authorities accept. */
export const MAX_COOKIE_AGE_SECONDS = 34_128_000;

const SAME_SITE = { lax: 'Lax', strict: 'Strict', none: 'None' } as const;

const COOKIE_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const COOKIE_DOMAIN = /^\.?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;
const COOKIE_PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/;

/** The checks and defaults of the cookie options. */
export const COOKIE_OPTIONS = {
  name: { check: isText, default: 'track_usage' },
  maxAge: { check: isCount, default: MAX_COOKIE_AGE_SECONDS, unit: 'seconds' },
  domain: { check: isText, defaultText: 'the host that set it, alone' },
  path: { check: isText, default: '/' },
  sameSite: { check: isOneOf('lax', 'strict', 'none'), default: 'lax' },
  secure: { check: isBoolean, defaultText: 'true for a request that came over HTTPS' },
} as const satisfies OptionTable<CookieOptions>;

/** Checked options of a cookie, with the attributes that are the same for every request. */
export interface CookieSettings {
  readonly name: string;
  readonly attributes: string;
  /** Undefined: true for requests over HTTPS. */
  readonly secure: boolean | undefined;
}

/** @throws {TrackUsageOptionsError} if an option does not fit. Names the first one. */
export function parseCookieOptions(options: CookieOptions): CookieSettings {
  const {
    name = COOKIE_OPTIONS.name.default,
    maxAge = COOKIE_OPTIONS.maxAge.default,
    domain,
    path = COOKIE_OPTIONS.path.default,
    sameSite = COOKIE_OPTIONS.sameSite.default,
    secure,
  } = options;
  check('name', name, COOKIE_NAME.test(name), 'a cookie name: letters, digits, - and _');
  check(
    'maxAge',
    maxAge,
    Number.isInteger(maxAge) && maxAge >= 1 && maxAge <= MAX_COOKIE_AGE_SECONDS,
    `whole seconds from 1 to ${MAX_COOKIE_AGE_SECONDS} (13 months)`,
  );
  check('domain', domain, domain === undefined || COOKIE_DOMAIN.test(domain), 'a domain name');
  check('path', path, COOKIE_PATH.test(path), "a path that begins with '/'");
  check('sameSite', sameSite, Object.hasOwn(SAME_SITE, sameSite), "'lax', 'strict' or 'none'");
  check(
    'secure',
    secure,
    secure === true || (sameSite !== 'none' && !/^__(?:secure|host)-/i.test(name)),
    "true, which sameSite: 'none' and names with __Secure- or __Host- ask for",
  );
  check(
    'name',
    name,
    !/^__host-/i.test(name) || (domain === undefined && path === '/'),
    "a name without __Host-, or no domain and the path '/'",
  );
  const attributes =
    `; Max-Age=${maxAge}; Path=${path}${domain === undefined ? '' : `; Domain=${domain}`}` +
    `; HttpOnly; SameSite=${SAME_SITE[sameSite]}`;
  return { name, attributes, secure };
}

/**
 * Checks the `cookie` option and whether its parts fit together.
 *
 * @throws {TrackUsageOptionsError} if an option does not fit.
 */
export function checkCookie(option: string, cookie: unknown): void {
  if (typeof cookie !== 'object' || cookie === null || Array.isArray(cookie))
    return isBoolean(option, cookie);
  checkOptions(cookie, COOKIE_OPTIONS, `${option}.`);
  parseCookieOptions(cookie);
}

function check(option: keyof CookieOptions, given: unknown, fits: boolean, expected: string): void {
  if (!fits) throw new TrackUsageOptionsError(`cookie.${option}`, given, expected);
}
