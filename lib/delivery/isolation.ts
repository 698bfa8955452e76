import { isOutage } from './outage.js';
import type { QueuedRecord } from './queued-record.js';

const PATIENCE_AFTER_SUCCESS = 4;

/** Tries to store a part of a batch; resolves to the error if the storage failed. */
export type Attempt = (part: readonly QueuedRecord[]) => Promise<Error | null>;

/** What is left of a batch after the records that spoil it have been looked for. */
export interface Isolation {
  /** Failed alone, while another record of the batch was stored after that. */
  readonly suspects: readonly QueuedRecord[];
  /** In order; nothing tells yet whether the storage or the record is at fault. */
  readonly rest: readonly QueuedRecord[];
}

/**
 * Finds out which records spoil a batch: stores all others, in order, by halving what fails until
 * it stands alone. A record comes under suspicion only if a later one is stored after it failed,
 * since a storage that is down refuses everything: the search is given up after `patience` single
 * failures in a row, or a few more once something has been stored, and at once if an error says
 * that the storage cannot be reached.
 */
export async function isolate(
  batch: readonly QueuedRecord[],
  attempt: Attempt,
  patience: number,
): Promise<Isolation> {
  // The head goes first, one by one, so that a storage that is down gets no larger calls.
  const ahead = batch.slice(0, patience).map((item) => [item]);
  const remaining: (readonly QueuedRecord[])[] = [batch.slice(patience), ...ahead.reverse()];
  const suspects: QueuedRecord[] = [];
  let unproven: QueuedRecord[] = [];
  let limit = patience;
  while (unproven.length < limit) {
    const part = remaining.pop();
    if (part === undefined) break;
    if (part.length === 0) continue;
    const error = await attempt(part);
    if (error === null) {
      suspects.push(...unproven);
      unproven = [];
      limit = Math.max(patience, PATIENCE_AFTER_SUCCESS);
    } else if (isOutage(error)) {
      remaining.push(part);
      break;
    } else if (part.length === 1) {
      unproven.push(...part);
    } else {
      const middle = part.length >> 1;
      remaining.push(part.slice(middle), part.slice(0, middle));
    }
  }
  return { suspects, rest: [...unproven, ...remaining.reverse().flat()] };
}
