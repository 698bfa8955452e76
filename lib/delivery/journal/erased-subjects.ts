import type { JsonObject, JsonValue, UsageRecord } from '../../record/index.js';
import { eraseInFile, type ErasedSubject } from './erase-in-file.js';
import { lockOwnersIn, type OwnerLock } from './owner-lock.js';
import { listSegments, NOBODY } from './segment-files.js';

/** How long another process may take to store what it has of the subject. */
const FLUSH_TIMEOUT_MS = 15_000;
/** After so long a process assumes that the one that erases has died. */
const MAX_ERASURE_MS = 600_000;

/** A subject that this process erases. */
interface Erasing extends ErasedSubject {
  /** The processes that write no record of it. */
  readonly asked: Set<string>;
}

/**
 * Erases subjects from all segments of the directory. As long as it goes on, no process that uses
 * the directory writes records of the subject: they wait in memory.
 */
export class ErasedSubjects {
  /** Stores all that waits. Set by delivery. */
  flush: () => Promise<boolean> = () => Promise.resolve(true);
  private readonly subjects = new Set<ErasedSubject | Erasing>();

  constructor(
    private readonly directory: string,
    private readonly lock: () => OwnerLock | null,
  ) {}

  /** Whether a record is of a subject that is being erased. */
  includes(record: UsageRecord): boolean {
    if (this.subjects.size === 0) return false;
    for (const { field, value } of this.subjects) if (record[field] === value) return true;
    return false;
  }

  /**
   * Writes no record of the subject from now on, and has the other processes of the directory store
   * what they have.
   *
   * @returns A function that allows such records again. Call it when all is over.
   * @throws {Error} if another process has records that wait, or does not answer.
   */
  async begin(subject: ErasedSubject): Promise<{ end: () => void }> {
    const own: Erasing = { ...subject, asked: new Set() };
    this.subjects.add(own);
    const end = () => {
      this.subjects.delete(own);
      const question = { written: toJson(subject) };
      for (const owner of own.asked) void this.ask(owner, question).catch(() => {});
    };
    try {
      await this.askOthers(own);
      return { end };
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Overwrites the subject's records in every segment. They are stored, and erased there. */
  async erase(subject: ErasedSubject): Promise<void> {
    const own = [...this.subjects].filter(
      (one): one is Erasing => 'asked' in one && isSame(one, subject),
    );
    do {
      // Those that have started meanwhile are asked too.
      for (const one of own) await this.askOthers(one);
      await this.eraseOnce(subject);
    } while (own.some((one) => this.others(one).length > 0));
  }

  private async eraseOnce(subject: ErasedSubject): Promise<void> {
    const done = new Set<string>();
    // A segment changes its name when another process takes it over.
    for (;;) {
      const files = segmentsIn(this.directory).filter(({ path }) => !done.has(path));
      if (files.length === 0) return;
      for (const { path } of files) {
        done.add(path);
        await eraseInFile(path, subject);
      }
    }
  }

  /** Answers another process. */
  async answer(question: JsonObject): Promise<JsonValue> {
    const begun = subjectOf(question['unwritten']);
    if (begun) {
      this.subjects.add(begun);
      setTimeout(() => this.subjects.delete(begun), MAX_ERASURE_MS).unref();
      return { flushed: await this.flush() };
    }
    const ended = subjectOf(question['written']);
    for (const subject of this.subjects)
      if (ended && !('asked' in subject) && isSame(subject, ended)) {
        this.subjects.delete(subject);
        break;
      }
    return {};
  }

  /** The owners of the directory that were not asked yet, whether they have segments or not. */
  private others({ asked }: Erasing): string[] {
    const owners = new Set(segmentsIn(this.directory).map(({ owner }) => owner));
    for (const owner of lockOwnersIn(this.directory)) owners.add(owner);
    const own = this.lock()?.owner;
    return [...owners].filter((owner) => owner !== NOBODY && owner !== own && !asked.has(owner));
  }

  private async askOthers(subject: Erasing): Promise<void> {
    await Promise.all(
      this.others(subject).map(async (owner) => {
        subject.asked.add(owner);
        const answer = await this.ask(owner, { unwritten: toJson(subject) }).catch(
          (cause: unknown) => {
            // One on another machine cannot be asked.
            if (!segmentsIn(this.directory).some((file) => file.owner === owner)) return undefined;
            throw new Error(`the journal's owner ${owner} cannot be asked`, { cause });
          },
        );
        if (answer === undefined) return;
        if ((answer as { flushed?: unknown }).flushed !== true)
          throw new Error(
            'another process that uses the journal has records that wait to be stored, and may ' +
              'be of the subject',
          );
      }),
    );
  }

  private async ask(owner: string, question: JsonObject): Promise<unknown> {
    return this.lock()?.ask(owner, question, FLUSH_TIMEOUT_MS);
  }
}

function segmentsIn(directory: string) {
  try {
    return listSegments(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isSame(one: ErasedSubject, other: ErasedSubject): boolean {
  return one.field === other.field && one.value === other.value;
}

function toJson({ field, value }: ErasedSubject): JsonObject {
  return { field, value };
}

function subjectOf(given: JsonValue | undefined): ErasedSubject | null {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return null;
  return given as unknown as ErasedSubject;
}
