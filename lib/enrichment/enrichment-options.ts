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
 * How a captured request becomes a record, and what of it is kept.
 *
 * @publicApi
 */
export interface EnrichmentOptions {
  /**
   * What `record.serverName` says.
   * @default the host's name
   */
  serverName?: string;
  /**
   * Whether crawlers and monitors go unrecorded. Webhooks, schedulers and queues are always recorded.
   * A function decides by the kind of client.
   * @default false
   */
  excludeBots?: boolean | ((kind: UserAgentKind) => boolean);
  /**
   * Changes a record before it is queued. Returns the record to store, or null to store none.
   * @default none
   */
  anonymize?: (record: UsageRecord) => UsageRecord | null;
  /**
   * How much of the client's address is kept, also of `X-Forwarded-For`: `'masked'` keeps /24 of
   * IPv4 and /48 of IPv6.
   * @default 'full'
   */
  ip?: 'full' | 'masked' | 'none';
  /**
   * Names whose values are replaced by `[redacted]`, in queries, route parameters and `trackVar`,
   * and inside URLs. Case does not count. A name is matched by its words: `key` covers `api_key`
   * and `apiKey`, not `monkey`. Keys of known forms, such as `ghp_…`, are replaced under any name.
   * `false` redacts nothing, not even known keys.
   * @default DEFAULT_REDACTED_NAMES
   */
  redact?: readonly string[] | false;
  /**
   * Where geography (`record.ipInfo`) comes from: a service (`{ endpoint }`), a database file
   * (`{ database }`) or a function (`{ resolve }`).
   * @default none
   */
  geoIp?: GeoIpOptions;
  /**
   * Sets a first-party cookie with a random id on responses of tracked routes, for
   * `record.visitorId`.
   * @default false
   */
  cookie?: boolean | CookieOptions;
  /**
   * `'daily'`: tells visitors apart without a cookie, by a keyed hash of address, agent and host
   * whose key is random, lasts for a day (UTC), and is then forgotten. Each process has a key of its
   * own, unless a storage offers `dailySalt`.
   * @default none
   */
  visitors?: 'daily';
}

export const ENRICHMENT_OPTIONS = {
  serverName: { check: isText, defaultText: "the host's name" },
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
