import { open, type FileHandle } from 'node:fs/promises';
import { erasedLine, parseHeader, targetsOf, type SegmentLine } from './segment-lines.js';
import { eachLine, readChunk } from './segment-reader.js';

/** A person whose records are erased: a field of records, and its value in theirs. */
export interface ErasedSubject {
  readonly field: 'visitorId' | 'username' | 'remoteAddr' | 'consumer';
  readonly value: string;
}

interface Place {
  readonly offset: number;
  readonly text: string;
}

/**
 * Overwrites a subject's records in a segment, in place: other lines keep their place, so that its
 * owner may go on reading and appending. Damaged lines with the subject's value are overwritten too.
 */
export async function eraseInFile(path: string, subject: ErasedSubject): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    if (await eraseIn(file, subject)) await file.datasync();
  } finally {
    await file.close();
  }
}

async function eraseIn(file: FileHandle, subject: ErasedSubject): Promise<boolean> {
  const { size } = await file.stat();
  const finder = new SubjectFinder(subject);
  let hasErased = false;
  for (let offset = 0; offset < size;) {
    const { bytes, rest, next } = await readChunk(file.fd, offset, size);
    const places = finder.find(bytes, offset);
    if (next === offset) places.push(...finder.findTorn(rest, offset));
    for (const place of places) {
      await file.write(place.text, place.offset);
      hasErased = true;
    }
    if (next === offset) break;
    offset = next;
  }
  return hasErased;
}

class SubjectFinder {
  private readonly needle: Buffer;
  private field = -1;

  constructor(private readonly subject: ErasedSubject) {
    this.needle = Buffer.from(JSON.stringify(subject.value));
  }

  find(bytes: Buffer, offset: number): Place[] {
    const places: Place[] = [];
    eachLine(bytes, (line, start, end) => {
      if (line?.kind === 'h')
        this.field = parseHeader(bytes, line).fields.indexOf(this.subject.field);
      else if (line === null)
        places.push(...this.damaged(bytes.subarray(start, end), offset + start));
      else if (line.kind === 'r' && this.isOfSubject(bytes, line))
        places.push({ offset: offset + start, text: erasedLine(line.number, end - start) });
    });
    return places;
  }

  findTorn(rest: Buffer, offset: number): Place[] {
    return this.damaged(rest, offset);
  }

  private damaged(line: Buffer, offset: number): Place[] {
    return line.includes(this.needle) ? [{ offset, text: '_'.repeat(line.length) }] : [];
  }

  private isOfSubject(bytes: Buffer, line: SegmentLine): boolean {
    const { values } = targetsOf(bytes, line);
    const at = bytes.indexOf(this.needle, values);
    if (at < 0 || at >= line.end) return false;
    const fields = JSON.parse(bytes.toString('utf8', values, line.end)) as unknown[];
    return fields[this.field] === this.subject.value;
  }
}
