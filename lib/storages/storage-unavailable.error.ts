/**
 * Thrown by `store` when the storage can take nothing for now: it cannot be reached, is starting,
 * is read-only or full. No record is to blame, so none is given up for it; all are sent again.
 *
 * @publicApi
 */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';
}
