import type { MongoDocument } from '../connection/shapes.js';

/** Time limits. None of them decides what is right, only who waits for whom and how long. */
export const TIMING_MS = {
  /** How long a writer that does nothing keeps its slot and its pending batch. */
  lease: 15_000,
  /** Between two sweeps for stalled batches. */
  sweep: 10_000,
  /** A committed batch of another writer is finished for it when it is older. */
  committed: 5_000,
  /** How long a cancelled batch is remembered, in case an insert of it arrives late. */
  cancelled: 600_000,
  /** How long writers begin no batch while a reader needs them all idle at one moment. */
  pause: 3_000,
};

/**
 * What a batch's state is called in the state collection. Version 0.1.0 reads and writes these
 * texts, and may finish a batch of this version.
 */
export const STORED_STATE = { idle: 'idle', pending: 'open', committed: 'sealed' } as const;

export type BatchState = keyof typeof STORED_STATE;

/** A batch that was given up: its records may be stored, and nobody has counted them. */
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
  /** Number of its last batch. */
  readonly seq: number;
  readonly state: BatchState;
  /** Ids of the pending batch's records. */
  readonly ids: readonly string[];
  /** What the committed batch adds, as text of `batch-rows.ts`. */
  readonly rows: string | null;
  /** Buckets with key reservations of the committed batch. */
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

/** The name of the batch that counts a record, as it stands in the record's document. */
export function batchRef(writer: number, seq: number): string {
  return `${writer}:${seq}`;
}

export function parseBatchRef(ref: string): { writer: number; seq: number } {
  const [writer, seq] = ref.split(':').map(Number);
  return { writer: writer!, seq: seq! };
}
