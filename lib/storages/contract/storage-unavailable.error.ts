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
