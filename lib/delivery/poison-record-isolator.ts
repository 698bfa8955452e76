import type { QueuedRecord } from './record-queue.js';
import type { StoreFailure } from './store-attempts.js';
import { FailureEvidence } from './failure-evidence.js';

/** Single records tried beside the first while a storage takes nothing. */
const MAX_PROBES = 4;

/** Single failures in a row, beyond those that are expected, that end a search. */
const MAX_UNEXPECTED_FAILURES = 4;

/** Searches in a row that an outage ended which may be one for some records, until others are tried. */
const MAX_PARTIAL_OUTAGES = 3;

/** Tries to store a part of a batch. */
export type Attempt = (part: readonly QueuedRecord[]) => Promise<StoreFailure | null>;

/** Hears of a record that is to be given up. */
export type Refuse = (item: QueuedRecord, error: Error) => void;

/** A part of a batch that failed and is one record. */
interface Failed {
  readonly item: QueuedRecord;
  readonly error: Error;
}

/**
 * Stores what a storage takes of a batch that keeps failing, and finds out which records spoil it:
 * what fails is halved until it stands alone.
 *
 * A storage that is down refuses everything, so a record is suspect only if others are stored after
 * it failed. It gets further chances between the others, and is given up when the suspicion is
 * proven: a storage may fail now and then, too. An error that says that the storage cannot be
 * reached speaks against no record, and ends the search. If it may hold for some records only, such
 * as a row that is locked, and goes on, others are tried, so that nothing holds up the rest. Nothing
 * is given up for it.
 */
export class PoisonRecordIsolator {
  readonly evidence = new FailureEvidence();
  /** Searches in a row that ended without a record stored, for no outage that is known of. */
  runsWithoutSuccess = 0;
  /** Searches in a row that met an outage which may be one for some records only. */
  private partialOutages = 0;
  /** Failed alone since the storage last took anything. */
  private readonly tried = new Set<QueuedRecord>();

  /**
   * @param batchSize Records in one call, at most.
   * @param attempt Tells `suspicion` how it ended.
   */
  constructor(
    private readonly batchSize: number,
    private readonly attempt: Attempt,
    private readonly refuse: Refuse,
  ) {}

  /** One search. What it could neither store nor give up is to be searched again later. */
  async run(batch: readonly QueuedRecord[]): Promise<void> {
    const probes = this.probes(batch);
    const remaining = splitIntoParts(probes, batch, this.batchSize);
    let allowedFailures = probes.length;
    let suspects: Failed[] = [];
    const trustsPartialOutages = this.partialOutages >= MAX_PARTIAL_OUTAGES;
    let unreachable = 0;
    let hadOutage = false;
    this.runsWithoutSuccess++;
    while (suspects.length + unreachable < allowedFailures) {
      const part = remaining.pop();
      if (part === undefined) break;
      const failure = await this.attempt(part);
      if (failure === null) {
        this.runsWithoutSuccess = 0;
        this.tried.clear();
        const again = suspects.filter((suspect) => !this.dropIfProven(suspect));
        remaining.push(...again.reverse().map(({ item }) => [item]));
        suspects = [];
        unreachable = 0;
        allowedFailures = again.length + MAX_UNEXPECTED_FAILURES;
      } else if (failure.isOutage && !(trustsPartialOutages && failure.isPartial)) {
        this.runsWithoutSuccess = 0;
        this.partialOutages = failure.isPartial ? this.partialOutages + 1 : 0;
        return;
      } else if (part.length > 1) remaining.push(...splitInHalf(part));
      else {
        const item = part[0]!;
        this.tried.add(item);
        if (failure.isOutage) unreachable++;
        else suspects.push({ item, error: failure.error });
      }
      hadOutage ||= failure?.isOutage === true;
    }
    if (!hadOutage) this.partialOutages = 0;
  }

  private dropIfProven({ item, error }: Failed): boolean {
    if (!this.evidence.isProven(item)) return false;
    this.refuse(item, error);
    return true;
  }

  /**
   * The first record, so that order is kept when the storage is back; after that was in vain, the
   * next few too that were not tried yet, for those before may be what spoils the batch.
   */
  private probes(batch: readonly QueuedRecord[]): readonly QueuedRecord[] {
    const first = batch.slice(0, 1);
    if (this.runsWithoutSuccess === 0 && this.partialOutages < MAX_PARTIAL_OUTAGES) return first;
    const others = batch.slice(1);
    const untried = others.filter((item) => !this.tried.has(item));
    if (untried.length === 0) this.tried.clear();
    return [...first, ...(untried.length === 0 ? others : untried).slice(0, MAX_PROBES)];
  }
}

/**
 * A batch as a stack of parts: the probes one by one, then the others, in order. They grow, so that
 * a storage that is just back is asked for little first.
 */
function splitIntoParts(
  probes: readonly QueuedRecord[],
  batch: readonly QueuedRecord[],
  largest: number,
): (readonly QueuedRecord[])[] {
  const others = batch.filter((item) => !probes.includes(item));
  const parts = probes.map((item) => [item]);
  for (let at = 0, size = 1; at < others.length; at += size, size = Math.min(2 * size, largest))
    parts.push(others.slice(at, at + size));
  return parts.reverse();
}

/** The second half lies deeper in the stack. */
function splitInHalf(part: readonly QueuedRecord[]): (readonly QueuedRecord[])[] {
  const middle = part.length >> 1;
  return [part.slice(middle), part.slice(0, middle)];
}
