import { setTimeout as pause } from 'node:timers/promises';
import {
  SUMMARY_PERIODS,
  type BucketRange,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import type { BatchWriter } from '../batches/batch-writer.js';
import { TIMING, batchRef, parseBatchRef, type WriterDocument } from '../batches/journal-entry.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import type { MongoDocument } from '../connection/shapes.js';
import { readRows } from './sum-reader.js';

/** The sums as they were at one moment, and which records they counted then. */
export interface Snapshot {
  readonly rows: readonly SummaryIncrement[];
  /**
   * Those of some records that the rows have to count: all but those whose batch is still to be
   * counted. A batch that nobody knows any more, since the state collection was lost, has nobody
   * else who counts it.
   */
  counted(documents: readonly MongoDocument[]): Promise<readonly MongoDocument[]>;
}

const TRIES = 100;

/**
 * Reads rows at a moment when no batch is being applied. Writers are asked to begin none for a
 * while; that only helps: what shows that the rows belong together is that no writer has moved
 * from before they were read until after.
 *
 * @param meanwhile Done while all are idle, before the moment is known to have been one.
 */
export async function snapshotOf(
  place: MongoCollections,
  batches: BatchWriter,
  dimensions: readonly string[],
  ranges: Record<SummaryPeriod, BucketRange>,
  meanwhile: (rows: readonly SummaryIncrement[]) => Promise<void> = async () => {},
): Promise<Snapshot> {
  const { log } = batches;
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      await log.hold(TIMING.hold);
      const before = await idleWriters(batches);
      if (!before) continue;
      const lists = await Promise.all(
        SUMMARY_PERIODS.map((period) => readRows(place, dimensions, period, ranges[period])),
      );
      const rows = lists.flat();
      await meanwhile(rows);
      const after = await everyone(batches);
      if (movesOf(before) === movesOf(after)) return { rows, counted: countedBy(before, batches) };
    }
  } finally {
    await log.hold(0);
  }
  throw new Error(
    'The summaries could not be read at one moment: other processes keep writing them. Try again when there is less traffic, or for a shorter range.',
  );
}

/** All writers when none has a batch under way; null if that takes too long. */
async function idleWriters(batches: BatchWriter): Promise<readonly WriterDocument[] | null> {
  const until = Date.now() + TIMING.hold / 2;
  for (;;) {
    for (const stalled of await batches.log.stalled(TIMING.sealed)) await batches.complete(stalled);
    const writers = await everyone(batches);
    if (writers.every(isIdle)) return writers;
    for (const each of writers) if (!isIdle(each)) await batches.log.cancel(each);
    if (Date.now() > until) return null;
    await pause(3);
  }
}

/** The writers, and whoever corrects sums. */
async function everyone({ log }: BatchWriter): Promise<WriterDocument[]> {
  const [writers, rebuild] = await Promise.all([log.all(), log.read(log.rebuildId)]);
  return rebuild ? [...writers, rebuild] : writers;
}

// Corrections have no records: until they are sealed, there is nothing to them.
function isIdle({ writer, state }: WriterDocument): boolean {
  return state === 'idle' || (writer === 0 && state === 'open');
}

function movesOf(writers: readonly WriterDocument[]): string {
  return writers
    .map(({ _id, seq, state }) => `${_id} ${seq} ${state}`)
    .sort()
    .join();
}

function countedBy(writers: readonly WriterDocument[], { log }: BatchWriter): Snapshot['counted'] {
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
    const isStrange = (document: MongoDocument) =>
      typeof document['batch'] === 'string' && !last.has(writerOfBatch(document).writer);
    if (!known.some(isStrange)) return known;
    // Either the writer is new, and counts its batch by itself, or it was lost.
    const now = new Set((await log.all()).map(({ writer }) => writer));
    return known.filter(
      (document) => !isStrange(document) || !now.has(writerOfBatch(document).writer),
    );
  };
}
