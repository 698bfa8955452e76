/** Thrown if another time zone than the configured one cuts the stored sums. Stops the start. */
export class TimeZoneChangedError extends Error {
  override readonly name = 'TimeZoneChangedError';

  /**
   * @param timeZone The configured zone.
   * @param from The zone of the sums. Null if no known zone fits.
   * @param isNoted Whether the zone is noted. If not, the sums' buckets show it.
   */
  constructor(storage: string, timeZone: string, from: string | null, isNoted: boolean) {
    const cut = from === null ? 'in another time zone' : `in the time zone '${from}'`;
    const proof = isNoted || from === null ? '' : ', by the first instants of their days';
    super(
      `Storage '${storage}': the option timeZone is '${timeZone}', but its sums are cut ${cut}` +
        `${proof}. Set timeZone to ${from === null ? 'that zone' : `'${from}'`}, or ` +
        `onTimeZoneChange: 'rebuild' to rebuild them from the records before the ` +
        `application starts; sums whose records are gone stay as they are.`,
    );
  }
}
