import type { IpInfo } from '../../record/index.js';

/**
 * What a `map` or `resolve` of one's own may say of an address: any of the fields of `ipInfo`, or
 * an answer as the known services give it. Null or undefined: nothing is known.
 *
 * @publicApi
 */
export type GeoIpAnswer = Partial<IpInfo> | Record<string, unknown> | null | undefined;

/**
 * What all sources of geography have in common.
 *
 * @publicApi
 */
export interface GeoIpLimits {
  /**
   * Milliseconds after which an address stays without geography, the wait for its turn included.
   * @default 1_000
   */
  timeout?: number;
  /**
   * How many addresses are remembered (`max`, default 10,000) and for how many milliseconds
   * (`ttl`, default 86,400,000: a day). The kept form of the address is what is remembered and
   * asked for: the masked one with `ip: 'masked'`.
   */
  cache?: { max?: number; ttl?: number };
  /**
   * Calls under way at once.
   * @default 8
   */
  concurrency?: number;
  /**
   * Reads an answer that is not of a known service.
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
   * Where to ask: `{ip}` stands for the address; without it the address is appended.
   * @example 'https://geo.example.org/json/{ip}'
   */
  endpoint: string;
  /** Headers of each request, such as an API key. */
  headers?: Record<string, string>;
}

/**
 * Geography from a MaxMind database file, through `maxmind`. Read again when the file changes.
 *
 * @publicApi
 */
export interface GeoIpDatabaseOptions extends GeoIpLimits {
  /** Path of an `.mmdb` file with countries or cities. */
  database: string;
}

/**
 * Geography from a function of the application.
 *
 * @publicApi
 */
export interface GeoIpResolverOptions extends GeoIpLimits {
  /** Says what is known of an address. `signal` is aborted when `timeout` has passed. */
  resolve: (ip: string, signal: AbortSignal) => GeoIpAnswer | Promise<GeoIpAnswer>;
}

/**
 * Where geography comes from: exactly one of `endpoint`, `database` and `resolve`.
 *
 * @publicApi
 */
export type GeoIpOptions = GeoIpEndpointOptions | GeoIpDatabaseOptions | GeoIpResolverOptions;
