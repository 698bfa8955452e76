import { setTimeout as pause } from 'node:timers/promises';
import {
  SUMMARY_PERIODS,
  type BucketRange,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import type { BatchWriter } from '../batches/batch-writer.js';
import { TIMING_MS, batchRef, parseBatchRef, type JournalEntry } from '../batches/journal-entry.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import type { MongoDocument } from '../connection/shapes.js';
import { readRows } from './sum-reader.js';

/** The sums at one moment, and which records they had counted then. */
export interface Snapshot {
  readonly rows: readonly SummaryIncrement[];
  /**
   * Returns the records that the rows have to count: all except those of batches that will still be
   * counted. Records of a batch that the journal has lost are included, because no other batch will
   * count them.
   */
  counted(documents: readonly MongoDocument[]): Promise<readonly MongoDocument[]>;
}

const MAX_ATTEMPTS = 100;

/**
 * Reads rows at a moment when no batch is being applied. It pauses the writers for that. The pause
 * alone is no proof: the rows are consistent only if no writer's entry has changed between before
 * and after they were read.
 *
 * @param meanwhile Called while all writers are idle, before it is known that none has changed.
 * @throws {Error} if 100 attempts find no such moment.
 */
export async function snapshotOf(
  collections: MongoCollections,
  batches: BatchWriter,
  dimensions: readonly string[],
  ranges: Record<SummaryPeriod, BucketRange>,
  meanwhile: (rows: readonly SummaryIncrement[]) => Promise<void> = async () => {},
): Promise<Snapshot> {
  const { journal } = batches;
  try {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      await journal.pauseWriters(TIMING_MS.pause);
      const before = await idleWriters(batches);
      if (!before) continue;
      const lists = await Promise.all(
        SUMMARY_PERIODS.map((period) => readRows(collections, dimensions, period, ranges[period])),
      );
      const rows = lists.flat();
      await meanwhile(rows);
      const after = await readAllWriters(batches);
      if (statesOf(before) === statesOf(after))
        return { rows, counted: countedBy(before, batches) };
    }
  } finally {
    await journal.pauseWriters(0);
  }
  throw new Error(
    'The summaries could not be read at one moment: other processes keep writing them. Try again when there is less traffic, or for a shorter range.',
  );
}

/**
 * Waits until no writer has a batch in flight, and returns all writers. Returns null if that takes
 * longer than half the pause.
 */
async function idleWriters(batches: BatchWriter): Promise<readonly JournalEntry[] | null> {
  const until = Date.now() + TIMING_MS.pause / 2;
  for (;;) {
    await batches.completeStalled(TIMING_MS.committed);
    const writers = await readAllWriters(batches);
    if (writers.every(isIdle)) return writers;
    for (const each of writers) if (!isIdle(each)) await batches.journal.cancel(each);
    if (Date.now() > until) return null;
    await pause(3);
  }
}

/** Reads all writers, and the slot for corrections. */
async function readAllWriters({ journal }: BatchWriter): Promise<JournalEntry[]> {
  const [writers, rebuild] = await Promise.all([journal.all(), journal.read(journal.rebuildId)]);
  return rebuild ? [...writers, rebuild] : writers;
}

// Corrections have no records, so they change nothing until they are committed.
function isIdle({ writer, state }: JournalEntry): boolean {
  return state === 'idle' || (writer === 0 && state === 'pending');
}

function statesOf(writers: readonly JournalEntry[]): string {
  return writers
    .map(({ _id, seq, state }) => `${_id} ${seq} ${state}`)
    .sort()
    .join();
}

function countedBy(
  writers: readonly JournalEntry[],
  { journal }: BatchWriter,
): Snapshot['counted'] {
  const last = new Map(writers.map(({ writer, seq }) => [writer, seq]));
  const cancelled = new Set(
    writers.flatMap((each) => each.cancelled.map(({ seq }) => batchRef(each.writer, seq))),
  );
  return async (documents) => {
    const writerOfBatch = ({ batch }: MongoDocument) => parseBatchRef(batch as string);
    const isLeft = (document: MongoDocument) => {
      if (typeof document['batch'] !== 'string') return false;
      const { writer, seq } = writerOfBatch(document);
      return seq > (last.get(writer) ?? Infinity) || cancelled.has(document['batch']);
    };
    const known = documents.filter((document) => !isLeft(document));
    const isUnknown = (document: MongoDocument) =>
      typeof document['batch'] === 'string' && !last.has(writerOfBatch(document).writer);
    if (!known.some(isUnknown)) return known;
    // Either the writer is new and counts its batch itself, or the writer was lost.
    const now = new Set((await journal.all()).map(({ writer }) => writer));
    return known.filter(
      (document) => !isUnknown(document) || !now.has(writerOfBatch(document).writer),
    );
  };
}
