/** A source of geography. */
export interface GeoSource {
  /**
   * Looks up a public address. Returns the answer in the source's own form, null or undefined if
   * nothing is known.
   *
   * @throws {Error} if the source fails; a rejection counts too.
   */
  find(address: string, signal: AbortSignal): unknown;
  /** Whether `find` answers synchronously, from memory. Such calls are not limited in number. */
  readonly immediate: boolean;
  close?(): void;
}
