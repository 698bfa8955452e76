/**
 * Thrown by `store` if the storage can accept no records for now: it is unreachable, starting,
 * read-only or full. No record caused it, so no record is dropped; all are retried.
 *
 * @publicApi
 */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';
}

/**
 * Thrown by `store` if it is unknown whether the failure affects every record: a row may be locked
 * that only some records need. Other records are stored meanwhile; the affected ones wait.
 */
export class PartlyUnavailableError extends StorageUnavailableError {}

/**
 * Thrown at the start if another time zone than the option `timeZone` cuts the stored sums, and
 * `onTimeZoneChange` is `'refuse'`. Stops the start, before anything is stored.
 *
 * @publicApi
 */
export class TimeZoneChangedError extends Error {
  override readonly name = 'TimeZoneChangedError';

  /**
   * @param timeZone The configured zone.
   * @param from The zone of the sums. Null if no known zone fits.
   * @param isNoted Whether the zone is noted. If not, the sums' buckets show it.
   */
  constructor(
    storage: string,
    timeZone: string,
    readonly from: string | null,
    isNoted: boolean,
  ) {
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

/**
 * Thrown at the start if a newer version has written the stored data, and allows only newer
 * versions to write to it. Stops the start, before anything is stored.
 *
 * @publicApi
 */
export class NewerFormatError extends Error {
  override readonly name = 'NewerFormatError';
}

/**
 * Thrown by `open` if it may not migrate, and what is stored is missing or of an earlier version.
 *
 * @publicApi
 */
export class OutdatedFormatError extends Error {
  override readonly name = 'OutdatedFormatError';

  /** @param isMissing Whether there is nothing, rather than something of an earlier version. */
  constructor(
    message: string,
    readonly isMissing: boolean,
  ) {
    super(message);
  }
}
