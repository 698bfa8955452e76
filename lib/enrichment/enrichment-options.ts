import type { UsageRecord, UserAgentKind } from '../record/index.js';
import {
  isBooleanOrFunction,
  isFunction,
  isNameListOrFalse,
  isOneOf,
  isText,
  type OptionTable,
} from '../support/option-checks.js';
import { checkGeoIp, GEO_IP_OPTIONS, type GeoIpOptions } from './geo-ip/geo-ip-options.js';
import { DEFAULT_REDACTED_NAMES } from './privacy/default-redacted-names.js';
import { checkCookie, COOKIE_OPTIONS, type CookieOptions } from './visitors/cookie-options.js';

/**
 * How a captured request becomes a record, and what is stored of it.
 *
 * @publicApi
 */
export interface EnrichmentOptions {
  /**
   * Value of `record.serverName`.
   * @default the host's name
   */
  serverName?: string;
  /**
   * Value of `record.service`: the application's name, where several share one database.
   * @default none
   */
  service?: string;
  /**
   * Value of `record.release`: the application's version, such as
   * `process.env.npm_package_version`.
   * @default none
   */
  release?: string;
  /**
   * Whether requests of crawlers and monitors are not recorded. `true` excludes kind `'bot'`;
   * webhooks, schedulers and queues are recorded. A function returns whether to exclude a kind of
   * client.
   * @default false
   */
  excludeBots?: boolean | ((kind: UserAgentKind) => boolean);
  /**
   * Changes a record before it is queued. Returns the record to store, or null to store none. If it
   * throws, the record is dropped.
   * @default none
   */
  anonymize?: (record: UsageRecord) => UsageRecord | null;
  /**
   * How much is stored of the client's address and of those in `X-Forwarded-For`. `'masked'` keeps
   * the /24 of IPv4 and the /48 of IPv6; `'none'` stores no address.
   * @default 'full'
   */
  ip?: 'full' | 'masked' | 'none';
  /**
   * Names whose values are replaced by `[redacted]` in queries, route parameters, `trackVar` and
   * URLs. Case is ignored. Names match by whole words: `key` covers `api_key` and `apiKey`, not
   * `monkey`. Keys of known forms, such as `ghp_…`, are replaced under any name. `false` redacts
   * nothing, not even known keys.
   * @default DEFAULT_REDACTED_NAMES
   */
  redact?: readonly string[] | false;
  /**
   * Source of geography for `record.ipInfo`: a service (`{ endpoint }`), a database file
   * (`{ database }`) or a function (`{ resolve }`).
   * @default none
   */
  geoIp?: GeoIpOptions;
  /**
   * Whether responses of tracked routes set a first-party cookie with a random id, which becomes
   * `record.visitorId`.
   * @default false
   */
  cookie?: boolean | CookieOptions;
  /**
   * `'daily'` identifies visitors without a cookie, by a keyed hash of address, agent and host. The
   * key is random, is used for one day (UTC) and is then deleted. Each process has its own key,
   * unless a storage offers `dailySalt`.
   * @default none
   */
  visitors?: 'daily';
}

/** The checks and defaults of the enrichment options. */
export const ENRICHMENT_OPTIONS = {
  serverName: { check: isText, defaultText: "the host's name" },
  service: { check: isText },
  release: { check: isText },
  excludeBots: { check: isBooleanOrFunction, default: false },
  anonymize: { check: isFunction },
  ip: { check: isOneOf('full', 'masked', 'none'), default: 'full' },
  redact: {
    check: isNameListOrFalse,
    default: DEFAULT_REDACTED_NAMES,
    defaultText: 'DEFAULT_REDACTED_NAMES',
  },
  geoIp: { check: checkGeoIp, options: GEO_IP_OPTIONS },
  cookie: { check: checkCookie, default: false, options: COOKIE_OPTIONS },
  visitors: { check: isOneOf('daily') },
} as const satisfies OptionTable<EnrichmentOptions>;
