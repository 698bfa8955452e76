import type { MongoDocument } from '../connection/shapes.js';

/** Time limits. None affects correctness. They only decide who waits for whom, and how long. */
export const TIMING_MS = {
  /** How long an inactive writer keeps its slot and its pending batch. */
  lease: 15_000,
  /** The time between two sweeps for stalled batches. */
  sweep: 10_000,
  /** The age from which another process finishes a committed batch. */
  committed: 5_000,
  /** How long a cancelled batch is kept, in case one of its inserts arrives late. */
  cancelled: 600_000,
  /**
   * How long a pause stops writers from beginning batches, while a reader needs all of them idle at
   * one moment.
   */
  pause: 3_000,
};

/**
 * The names of a batch's states in the state collection. Version 0.1.0 reads and writes these
 * texts, and may finish a batch of this version.
 */
export const STORED_STATE = { idle: 'idle', pending: 'open', committed: 'sealed' } as const;

export type BatchState = keyof typeof STORED_STATE;

/** A cancelled batch. Its records may be stored, but it does not count them. */
export interface CancelledBatch {
  readonly seq: number;
  readonly ids: readonly string[];
  readonly at: Date;
}

/** A writer's slot in the journal, with its current or last batch. */
export interface JournalEntry {
  readonly _id: string;
  readonly writer: number;
  readonly owner: string | null;
  /** Number of the last batch. */
  readonly seq: number;
  readonly state: BatchState;
  /** Ids of the pending batch's records. */
  readonly ids: readonly string[];
  /** The rows that the committed batch adds, as text of `batch-rows.ts`. */
  readonly rows: string | null;
  /** Ids of the buckets in which the committed batch has key reservations. */
  readonly buckets: readonly string[];
  readonly cancelled: readonly CancelledBatch[];
}

const STATES = new Map<unknown, BatchState>(
  Object.entries(STORED_STATE).map(([state, stored]) => [stored, state as BatchState]),
);

export function entryOf(document: MongoDocument): JournalEntry {
  return {
    _id: document['_id'] as string,
    writer: Number(document['writer']),
    owner: (document['owner'] as string | undefined) ?? null,
    seq: Number(document['seq']),
    state: STATES.get(document['state'])!,
    ids: (document['ids'] as string[] | undefined) ?? [],
    rows: (document['rows'] as string | undefined) ?? null,
    buckets: (document['buckets'] as string[] | undefined) ?? [],
    cancelled: ((document['cancelled'] as MongoDocument[] | undefined) ?? []).map((entry) => ({
      seq: Number(entry['seq']),
      ids: entry['ids'] as string[],
      at: entry['at'] as Date,
    })),
  };
}

/** The name of the batch that counts a record, as noted in the record's document. */
export function batchRef(writer: number, seq: number): string {
  return `${writer}:${seq}`;
}

export function parseBatchRef(ref: string): { writer: number; seq: number } {
  const [writer, seq] = ref.split(':').map(Number);
  return { writer: writer!, seq: seq! };
}
