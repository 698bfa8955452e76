/**
 * What geography has done since the start.
 *
 * @publicApi
 */
export interface GeoIpStats {
  /** Records whose address was looked up. */
  readonly lookups: number;
  /** Lookups answered from memory. */
  readonly cached: number;
  /** Lookups of private, loopback and reserved addresses, for which nobody is asked. */
  readonly private: number;
  /** Calls made, or looks into the database. */
  readonly calls: number;
  /** Calls that found nothing. */
  readonly notFound: number;
  /** Calls that failed: refused, broken, too large, or no JSON. */
  readonly failed: number;
  /** Addresses that were given up when `timeout` had passed. */
  readonly timedOut: number;
  /** Lookups that were given up at once, because the source is down or too many wait already. */
  readonly skipped: number;
  /** Calls under way now. */
  readonly underWay: number;
  /** Whether the source is taken to be down, and asked only now and then. */
  readonly down: boolean;
  readonly lastError: string | null;
}
