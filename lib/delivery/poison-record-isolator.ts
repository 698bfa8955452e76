import type { QueuedRecord } from './record-queue.js';
import type { StoreFailure } from './store-attempts.js';
import { FailureEvidence } from './failure-evidence.js';

/** Single records that are tried in addition to the first while a storage rejects all. */
const MAX_PROBES = 4;

/** Failures of single records in a row, beyond the expected ones, that end a run. */
const MAX_UNEXPECTED_FAILURES = 4;

/** Runs in a row that a partial outage ended, before other records are tried. */
const MAX_PARTIAL_OUTAGES = 3;

/** Tries to store a part of a batch. */
export type Attempt = (part: readonly QueuedRecord[]) => Promise<StoreFailure | null>;

/** Called for a record that must be dropped. */
export type Refuse = (item: QueuedRecord, error: Error) => void;

/** A single record whose call failed. */
interface Failed {
  readonly item: QueuedRecord;
  readonly error: Error;
}

/**
 * Stores a batch that keeps failing, and isolates the poison records in it: splits each part that
 * fails in half, down to single records.
 *
 * A storage that is down refuses every record. So a record is a suspect only if it fails on its own
 * while later records succeed. It is tried again between the others, and dropped once the evidence
 * suffices, because a storage may also fail now and then. An outage is evidence against no record
 * and ends the run. An outage may hold for some records only, such as those of a locked row. If it
 * goes on, other records are tried, so that it holds up no others. It never drops a record.
 */
export class PoisonRecordIsolator {
  readonly evidence = new FailureEvidence();
  /** Runs in a row that stored no record, and met no known outage. */
  runsWithoutSuccess = 0;
  /** Runs in a row that met an outage which may hold for some records only. */
  private partialOutages = 0;
  /** Records that failed on their own since the storage last took one. */
  private readonly tried = new Set<QueuedRecord>();

  /**
   * @param batchSize The most records in one call.
   * @param attempt Stores a part and records its result in `evidence`.
   */
  constructor(
    private readonly batchSize: number,
    private readonly attempt: Attempt,
    private readonly refuse: Refuse,
  ) {}

  /** Processes a batch once. Records that it neither stores nor drops stay in flight. */
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
   * The first record, so that the order is kept once the storage has recovered. If it has failed,
   * also the next few that were not tried yet, because those before may be poison records.
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
 * Splits a batch into a stack of parts: the probes one by one, then the others, in order. The parts
 * grow, so that a storage that has just recovered gets small parts first.
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

/** Splits a part in half. The first half is on top of the stack. */
function splitInHalf(part: readonly QueuedRecord[]): (readonly QueuedRecord[])[] {
  const middle = part.length >> 1;
  return [part.slice(middle), part.slice(0, middle)];
}
