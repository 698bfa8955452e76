/**
 * Statistics of geography lookups since the start.
 *
 * @publicApi
 */
export interface GeoIpStats {
  /** Records whose address was to be looked up, however the lookup ended. */
  readonly lookups: number;
  /** Lookups answered from the cache. */
  readonly cached: number;
  /** Lookups of private, loopback and reserved addresses. The source is not called for them. */
  readonly private: number;
  /** Calls of the service or the resolver, or lookups in the database. */
  readonly calls: number;
  /** Calls that found nothing. */
  readonly notFound: number;
  /** Calls that failed: refused, broken off, or with an answer that was too large or not JSON. */
  readonly failed: number;
  /** Lookups that exceeded `timeout`. */
  readonly timedOut: number;
  /** Lookups that were not made, because the source was down or too many lookups waited. */
  readonly skipped: number;
  /** Calls that run now. */
  readonly underWay: number;
  /** Whether the source counts as down. It is then called once per pause only. */
  readonly down: boolean;
  /** Message of the last error; null if no call has failed. */
  readonly lastError: string | null;
}
