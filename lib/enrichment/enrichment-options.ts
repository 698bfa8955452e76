import type { UsageRecord, UserAgentKind } from '../record/index.js';

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
   * Whether crawlers and monitors go unrecorded; webhooks, schedulers and queues never do. A
   * function decides by the kind of client.
   * @default false
   */
  excludeBots?: boolean | ((kind: UserAgentKind) => boolean);
  /**
   * Changes a record before it is queued: returns the one to store, or null to store none.
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
   * and inside URLs. Case does not count; a name is matched by its words: `key` covers `api_key`
   * and `apiKey`, not `monkey`. Keys of known forms, such as `ghp_…`, go under any name. `false`
   * redacts nothing, these neither.
   * @default DEFAULT_REDACTED_NAMES
   */
  redact?: readonly string[] | false;
}
