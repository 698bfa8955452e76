import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** When it was made, its number, and a random one; then its owner. Names sort by age. */
const NAME = /^(\d{13}-\d{6}-[0-9a-f]{8})\.([0-9a-z]{8}-[0-9a-f]{16}|free)\.journal$/;

/** The owner of segments that nobody works on: those whose records are for other storages. */
export const NOBODY = 'free';

/** A segment's file. */
export interface SegmentFile {
  readonly path: string;
  readonly id: string;
  readonly owner: string;
}

export function newSegmentPath(directory: string, owner: string, number: number): string {
  const id = `${Date.now()}-${String(number % 1e6).padStart(6, '0')}-${randomBytes(4).toString('hex')}`;
  return segmentPath(directory, id, owner);
}

/** The path under which an owner has the segment. A segment keeps its id when its owner changes. */
export function segmentPath(directory: string, id: string, owner: string): string {
  return join(directory, `${id}.${owner}.journal`);
}

/** The segments in a directory, oldest first. Other files are passed over. */
export function listSegments(directory: string): SegmentFile[] {
  return readdirSync(directory)
    .sort()
    .flatMap((name) => {
      const match = NAME.exec(name);
      return match ? [{ path: join(directory, name), id: match[1]!, owner: match[2]! }] : [];
    });
}

/** The id of a segment's file. */
export function segmentId(path: string): string {
  return NAME.exec(path.slice(path.lastIndexOf('/') + 1).replace(/^.*\\/, ''))?.[1] ?? '';
}
