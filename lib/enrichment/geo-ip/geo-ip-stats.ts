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
  /** Lookups of private, loopback and reserved addresses, which are not made. */
  readonly private: number;
  /** Calls made, or looks into the database. */
  readonly calls: number;
  /** Calls that found nothing. */
  readonly notFound: number;
  /** Calls that failed: refused, broken, too large, or no JSON. */
  readonly failed: number;
  /** Lookups that `timeout` ended. */
  readonly timedOut: number;
  /** Lookups that were not made, because the source is down or too many wait already. */
  readonly skipped: number;
  /** Calls in progress. */
  readonly underWay: number;
  /** Whether the source counts as down, and is asked only now and then. */
  readonly down: boolean;
  readonly lastError: string | null;
}
