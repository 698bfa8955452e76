/**
 * The cookie that knows a visitor again. It is first-party and `HttpOnly`, holds a random id and
 * nothing else, and is not renewed.
 *
 * @publicApi
 */
export interface CookieOptions {
  /** @default 'track_usage' */
  name?: string;
  /**
   * Seconds until the browser forgets it, at most 34,128,000: 13 months.
   * @default 34_128_000
   */
  maxAge?: number;
  /**
   * Domain whose hosts get it.
   * @default the host that set it, alone
   */
  domain?: string;
  /** @default '/' */
  path?: string;
  /** @default 'lax' */
  sameSite?: 'lax' | 'strict' | 'none';
  /**
   * Whether it is sent over HTTPS only.
   * @default true for a request that came over HTTPS
   */
  secure?: boolean;
}

/**
 * Whether and how visitors are told apart.
 *
 * @publicApi
 */
export interface VisitorOptions {
  /**
   * Sets a cookie with a random id on responses of tracked routes.
   * @default false
   */
  cookie?: boolean | CookieOptions;
  /**
   * `'daily'`: without a cookie, by a keyed hash of address, agent and host name whose key is random,
   * lasts for a day (UTC) and is then forgotten, so that two days cannot be joined.
   * @default none
   */
  visitors?: 'daily';
  /**
   * Whether requests with `DNT: 1` or `Sec-GPC: 1` get no cookie and no visitor.
   * @default true
   */
  respectDoNotTrack?: boolean;
}
