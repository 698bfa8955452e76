import type { JsonValue } from './json.js';

/**
 * Geography of a client's address, normalised over the services it comes from.
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
  /** The answer that it was read from. */
  readonly raw: JsonValue;
}
