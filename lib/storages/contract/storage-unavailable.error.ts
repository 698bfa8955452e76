/**
 * Thrown by `store` when the storage can take nothing for now: it cannot be reached, is starting,
 * is read-only or full. No record is to blame, so none is given up for it; all are sent again.
 *
 * @publicApi
 */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';
}

/**
 * The same, where it is not known that it holds for every record: a row may be locked that only
 * some need. Others are stored meanwhile, and those that meet it wait.
 */
export class PartlyUnavailableError extends StorageUnavailableError {}
