import type { IpInfo } from '../../record/index.js';
import {
  checkOptions,
  isCount,
  isFunction,
  isMilliseconds,
  isText,
  type OptionTable,
} from '../../support/option-checks.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * What the application's `map` or `resolve` may return for an address: any fields of `ipInfo`, or
 * an answer in the form of a known service. Null or undefined if nothing is known.
 *
 * @publicApi
 */
export type GeoIpAnswer = Partial<IpInfo> | Record<string, unknown> | null | undefined;

/**
 * The options that all sources of geography share.
 *
 * @publicApi
 */
export interface GeoIpLimits {
  /**
   * The longest time that a lookup may take in milliseconds, including its wait in the queue. After
   * that the record has no geography.
   * @default 1000
   */
  timeout?: number;
  /**
   * The cache of addresses. Addresses are cached and looked up in the form in which they are
   * stored: masked with `ip: 'masked'`.
   */
  cache?: {
    /**
     * The most addresses in the cache.
     * @default 10_000
     */
    max?: number;
    /**
     * Milliseconds for which an address stays in the cache: a day by default.
     * @default 86_400_000
     */
    ttl?: number;
  };
  /**
   * The most calls that run at once.
   * @default 8
   */
  concurrency?: number;
  /**
   * Converts the answer of a service that is not known.
   * @default reads MaxMind, DB-IP, IPinfo, ip-api.com, ipapi.co, ipwho.is, ipstack and the like
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the service sends
  map?: (answer: any) => GeoIpAnswer;
}

/**
 * Geography from a service over HTTP, through `@nestjs/axios`. Its answers must be JSON.
 *
 * @publicApi
 */
export interface GeoIpEndpointOptions extends GeoIpLimits {
  /**
   * URL of the service. `{ip}` is replaced by the address; without it the address is appended.
   * @example 'https://geo.example.org/json/{ip}'
   */
  endpoint: string;
  /**
   * Headers of each request, such as an API key.
   * @default none
   */
  headers?: Record<string, string>;
}

/**
 * Geography from a MaxMind database file, through `maxmind`. The file is read again when it
 * changes.
 *
 * @publicApi
 */
export interface GeoIpDatabaseOptions extends GeoIpLimits {
  /** Path of an `.mmdb` file of countries or cities. */
  database: string;
}

/**
 * Geography from a function of the application.
 *
 * @publicApi
 */
export interface GeoIpResolverOptions extends GeoIpLimits {
  /** Looks up an address. `signal` is aborted when `timeout` has passed. */
  resolve: (ip: string, signal: AbortSignal) => GeoIpAnswer | Promise<GeoIpAnswer>;
}

/**
 * The source of geography: exactly one of `endpoint`, `database` and `resolve`.
 *
 * @publicApi
 */
export type GeoIpOptions = GeoIpEndpointOptions | GeoIpDatabaseOptions | GeoIpResolverOptions;

const CACHE_OPTIONS = {
  max: { check: isCount, default: 10_000, unit: 'addresses' },
  ttl: { check: isCount, default: 86_400_000, unit: 'ms' },
} as const satisfies OptionTable<NonNullable<GeoIpLimits['cache']>>;

/** The options of all three sources of geography. */
export const GEO_IP_OPTIONS = {
  endpoint: { check: isUrl },
  database: { check: isText },
  resolve: { check: isFunction },
  headers: { check: isHeaders },
  timeout: { check: isMilliseconds, default: 1000, unit: 'ms' },
  cache: { check: checkCache, options: CACHE_OPTIONS },
  concurrency: { check: isCount, default: 8, unit: 'calls' },
  map: {
    check: isFunction,
    defaultText:
      'reads MaxMind, DB-IP, IPinfo, ip-api.com, ipapi.co, ipwho.is, ipstack and the like',
  },
} as const satisfies OptionTable<
  GeoIpEndpointOptions & GeoIpDatabaseOptions & GeoIpResolverOptions
>;

const SOURCES = ['endpoint', 'database', 'resolve'];

function isUrl(option: string, value: unknown): void {
  const { protocol } = URL.canParse(value as string) ? new URL(value as string) : { protocol: '' };
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TrackUsageOptionsError(
      option,
      value,
      "a URL such as 'https://geo.example.org/json/{ip}'",
    );
}

function isHeaders(option: string, value: unknown): void {
  const fits =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((header) => typeof header === 'string');
  if (!fits) throw new TrackUsageOptionsError(option, value, 'an object of header names and texts');
}

function checkCache(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null)
    throw new TrackUsageOptionsError(option, value, 'an object with max and ttl');
  checkOptions(value, CACHE_OPTIONS, `${option}.`);
}

/**
 * Checks the `geoIp` option: one source and its limits.
 *
 * @throws {TrackUsageOptionsError} if there is not exactly one source, or an option does not fit.
 */
export function checkGeoIp(option: string, geoIp: unknown): void {
  const given = typeof geoIp === 'object' && geoIp !== null ? geoIp : {};
  const sources = SOURCES.filter((source) => source in given);
  if (sources.length !== 1)
    throw new TrackUsageOptionsError(option, geoIp, `an object with one of ${SOURCES.join(', ')}`);
  for (const [name, value] of Object.entries(given))
    // A missing environment variable must not decide which source is used.
    if (SOURCES.includes(name) && value === undefined)
      throw new TrackUsageOptionsError(`${option}.${name}`, value, 'a value');
  checkOptions(given, GEO_IP_OPTIONS, `${option}.`);
}
