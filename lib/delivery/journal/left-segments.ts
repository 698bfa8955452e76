import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
} from 'node:fs';
import type { QuietLogger } from '../../support/usage-logger.js';
import { messageOf } from '../../support/thrown-value.js';
import type { OwnerLock } from './owner-lock.js';
import { findHeader } from './scan-segment.js';
import { Segment } from './segment.js';
import { listSegments, NOBODY, segmentPath, type SegmentFile } from './segment-files.js';
import { FORMAT, formatOf, type StorageIdentity } from './segment-lines.js';

/** What a look at the directory found. */
export interface LeftSegments {
  /** Taken over by this process, oldest first. */
  readonly taken: readonly Segment[];
  /** Whether others that live have segments. */
  readonly hasOtherOwners: boolean;
}

/**
 * Takes over the segments that no living process owns and that hold records of the storages. Taking
 * is renaming, which one process alone can do.
 *
 * @param warned Paths that the log has named, so that each is named once.
 */
export async function takeLeftSegments(
  directory: string,
  lock: OwnerLock,
  storages: readonly StorageIdentity[],
  logger: QuietLogger,
  warned: Set<string>,
): Promise<LeftSegments> {
  const alive = new Map<string, boolean>([
    [lock.owner, true],
    [NOBODY, false],
  ]);
  const taken: Segment[] = [];
  let hasOtherOwners = false;
  for (const file of listSegments(directory)) {
    const { owner } = file;
    if (!alive.has(owner)) alive.set(owner, await lock.isAlive(owner));
    if (alive.get(owner)) {
      hasOtherOwners ||= owner !== lock.owner;
      continue;
    }
    try {
      const segment = await take(directory, file, lock.owner, storages, (text) => {
        if (!warned.has(file.id)) logger.warn(text);
        warned.add(file.id);
      });
      if (segment) taken.push(segment);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      logger.error(`The journal's segment ${file.path} cannot be read: ${messageOf(error)}`);
    }
  }
  return { taken, hasOtherOwners };
}

async function take(
  directory: string,
  { path, id }: SegmentFile,
  owner: string,
  storages: readonly StorageIdentity[],
  warn: (text: string) => void,
): Promise<Segment | null> {
  // Not 'a+', which makes the file anew where another process has just renamed it.
  const fd = openSync(path, constants.O_RDWR | constants.O_APPEND);
  let kept = false;
  try {
    const { size } = fstatSync(fd);
    const beginning = Buffer.alloc(Math.min(64, size));
    readSync(fd, beginning, 0, beginning.length, 0);
    const format = formatOf(beginning);
    const header = format !== null && format > FORMAT ? null : await findHeader(fd, size);
    if ((format ?? 0) > FORMAT || (header && header.format > FORMAT)) {
      warn(
        `The journal's segment ${path} is of a newer version of nestjs-track-usage, and is left ` +
          'as it is. That version sends its records.',
      );
      return null;
    }
    if (header === null) {
      if (isOnlyBeginning(beginning, size)) unlinkSync(path);
      else
        warn(`The file ${path} cannot be read as a segment of the journal, and is left as it is.`);
      return null;
    }
    const indexes = storages.map(({ name, place }) =>
      header.storages.findIndex((other) => other.name === name && other.place === place),
    );
    if (indexes.every((index) => index < 0)) {
      warn(
        `The journal's segment ${path} holds records of ` +
          `${header.storages.map(({ name, place }) => `'${name}'${place === null ? '' : ` (${place})`}`).join(', ')}, ` +
          'which this application does not have there. It is left for the one that has.',
      );
      return null;
    }
    const own = segmentPath(directory, id, owner);
    renameSync(path, own);
    kept = true;
    return Segment.ofLeft(own, fd, header, indexes, size);
  } finally {
    if (!kept) closeSync(fd);
  }
}

/** Whether a process died before it had written the first record. */
function isOnlyBeginning(beginning: Buffer, size: number): boolean {
  const text = beginning.toString('latin1');
  return size === 0 || (size < 64 && 'nestjs-track-usage journal 1\n'.startsWith(text));
}
