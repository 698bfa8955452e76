/**
 * The counts of the journal.
 *
 * @publicApi
 */
export interface JournalStats {
  /** The folder of the segments. */
  readonly directory: string;
  /** Bytes of the segments that this application holds. */
  readonly bytes: number;
  /** Segments that this application holds. */
  readonly segments: number;
  /** Records that an earlier process had left, and that were read and queued. */
  readonly replayed: number;
  /** Records that an earlier process had left, and whose lines are damaged. They are lost. */
  readonly unreadable: number;
  /** Waiting records that only memory holds, because the journal could not be written. */
  readonly memoryOnly: number;
}
