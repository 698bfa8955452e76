import type { MongoDocument } from '../connection/shapes.js';

/** A batch that was given up: its records may be there, and nobody has counted them. */
export interface CancelledBatch {
  readonly seq: number;
  readonly ids: readonly string[];
  readonly at: Date;
}

/** A writer as it stands in the state collection. */
export interface WriterDocument {
  readonly _id: string;
  readonly writer: number;
  readonly owner: string | null;
  /** Number of its last batch. */
  readonly seq: number;
  readonly state: 'idle' | 'open' | 'sealed';
  /** The records of the batch that is open. */
  readonly ids: readonly string[];
  /** What the batch that is sealed adds. */
  readonly rows: string | null;
  /** Buckets that hold notes for the batch that is sealed. */
  readonly buckets: readonly string[];
  readonly cancelled: readonly CancelledBatch[];
}

export function writerOf(document: MongoDocument): WriterDocument {
  return {
    _id: document['_id'] as string,
    writer: Number(document['writer']),
    owner: (document['owner'] as string | undefined) ?? null,
    seq: Number(document['seq']),
    state: document['state'] as WriterDocument['state'],
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

/** What a record says of the batch that counts it. */
export function batchRef(writer: number, seq: number): string {
  return `${writer}:${seq}`;
}

export function parseBatchRef(ref: string): { writer: number; seq: number } {
  const [writer, seq] = ref.split(':').map(Number);
  return { writer: writer!, seq: seq! };
}

/** Milliseconds. None of them decides what is right, only who waits for whom and how long. */
export const TIMING = {
  /** How long a writer that says nothing keeps its place and its open batch. */
  lease: 15_000,
  /** Between looks for batches that nobody finishes. */
  patrol: 10_000,
  /** A sealed batch of another writer is finished for it when it is older. */
  sealed: 5_000,
  /** How long a cancelled batch is remembered, lest an insert of it comes late. */
  cancelled: 600_000,
  /** How long writers hold off while a reader wants them all idle at one moment. */
  hold: 3_000,
};
