import { Slice } from '../../support/slice.js';
import { NumberSet } from './number-set.js';
import {
  eachAcknowledged,
  isNoRecord,
  parseHeader,
  targetsOf,
  type SegmentHeader,
} from './segment-lines.js';
import { eachLine, readChunk } from './segment-reader.js';

/** What a left segment holds, by the storages of its header. */
export interface SegmentContents {
  /** Records that each storage lacks. */
  readonly lacking: readonly NumberSet[];
  readonly counts: readonly number[];
  /** Records that some storage has. */
  readonly stored: NumberSet;
  /** The number after that of the last record. */
  readonly end: number;
  /** Records whose lines are damaged. */
  readonly unreadable: number;
  /** The file ends within a line. */
  readonly isTorn: boolean;
}

/** Reads a segment's first valid header; null if there is none. */
export async function findHeader(fd: number, size: number): Promise<SegmentHeader | null> {
  let header: SegmentHeader | null = null;
  for (let offset = 0; offset < size && header === null;) {
    const { bytes, next } = await readChunk(fd, offset, size);
    if (next === offset) break;
    eachLine(bytes, (line) => {
      if (line?.kind === 'h') header ??= parseHeader(bytes, line);
    });
    offset = next;
  }
  return header;
}

/**
 * Reads a whole segment, checks each line, and finds out which storage lacks which records.
 * Damaged lines are counted by the numbers that are missing among the others, because damage to a
 * line break makes one line of two.
 */
export async function scanSegment(
  fd: number,
  size: number,
  storages: number,
): Promise<SegmentContents> {
  const slice = new Slice();
  const meant = Array.from({ length: storages }, () => new NumberSet());
  const settled = Array.from({ length: storages }, () => new NumberSet());
  const seen = new NumberSet();
  let found = 0;
  let end = 0;
  let damagedSinceLast = 0;
  let isTorn = false;
  let offset = 0;
  while (offset < size) {
    const { bytes, next, rest } = await readChunk(fd, offset, size);
    if (next === offset) {
      isTorn = true;
      if (!isNoRecord(rest, 0)) damagedSinceLast++;
      break;
    }
    eachLine(bytes, (line, start, lineEnd) => {
      if (line === null) {
        // The first line has no checksum.
        if (offset + start > 0 && lineEnd > start && !isNoRecord(bytes, start)) damagedSinceLast++;
      } else if (line.kind === 'a') {
        const acknowledged = settled[line.number];
        if (acknowledged) eachAcknowledged(bytes, line, (number) => acknowledged.add(number));
      } else if (line.kind === 'r' || line.kind === 'x') {
        damagedSinceLast = 0;
        if (seen.add(line.number)) found++;
        end = Math.max(end, line.number + 1);
        if (line.kind === 'x') return;
        const targets = targetsOf(bytes, line).targets ?? meant.keys();
        for (const storage of targets) meant[storage]?.add(line.number);
      }
    });
    offset = next;
    await slice.step();
  }
  const stored = new NumberSet();
  const counts = meant.map((numbers, storage) => {
    for (const number of settled[storage]!.below(end)) {
      stored.add(number);
      numbers.remove(number);
    }
    return numbers.size;
  });
  const unreadable = end - found + damagedSinceLast;
  return { lacking: meant, counts, stored, end, unreadable, isTorn };
}
