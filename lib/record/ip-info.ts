import type { JsonValue } from './json.js';

/**
 * Geography of a client's address, in one form for all services.
 *
 * @publicApi
 */
export interface IpInfo {
  /** ISO 3166-1 alpha-2 code: `CH`. */
  readonly country: string | null;
  readonly region: string | null;
  readonly city: string | null;
  /** Degrees north. */
  readonly latitude: number | null;
  /** Degrees east. */
  readonly longitude: number | null;
  /** The answer from which these fields were read. */
  readonly raw: JsonValue;
}
