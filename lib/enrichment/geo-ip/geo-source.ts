/** Where geography comes from. */
export interface GeoSource {
  /**
   * What is known of a public address, as the source puts it; null or undefined if nothing.
   * Throws or rejects if the source failed.
   */
  find(address: string, signal: AbortSignal): unknown;
  /** Whether `find` answers at once, from memory: there is nothing to bound or to wait for. */
  readonly immediate: boolean;
  close?(): void;
}
