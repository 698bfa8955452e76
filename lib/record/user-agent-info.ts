/**
 * The kind of client. `library`: an HTTP client such as curl or axios. `service`: a machine that
 * calls an API on purpose, such as a webhook, a scheduler or a queue. `bot`: a crawler, a monitor
 * or a probe.
 *
 * @publicApi
 */
export type UserAgentKind = 'browser' | 'library' | 'service' | 'bot' | 'unknown';

/**
 * The client as its `User-Agent` and `Accept-Language` headers describe it.
 *
 * @publicApi
 */
export interface UserAgentInfo {
  /** Name of the client: `Chrome`, `Firefox`, `curl`, `axios`, `Googlebot`, … */
  readonly browser: string | null;
  /** Version as sent: `126.0.6478.61`. */
  readonly version: string | null;
  /** Operating system: `Windows`, `macOS`, `Linux`, `Android`, `iOS`, … */
  readonly platform: string | null;
  /** First choice in `Accept-Language`, as sent: `de-CH`. */
  readonly language: string | null;
  /** The `User-Agent` header, at most 512 characters. */
  readonly string: string | null;
  readonly kind: UserAgentKind;
}
