import type { UsageSubject } from '../storages/contract/maintenance.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { parseSubject, type ParsedSubject } from '../storages/base/parse-subject.js';
import type { ForgetResult } from './usage-reader.js';

/** Erases subjects from the journal. */
export interface JournalEraser {
  /**
   * Writes no record of the subject until `end` is called, and has other processes of the journal
   * store theirs. Rejects if one cannot.
   */
  begin(subject: ParsedSubject): Promise<{ end: () => void }>;
  /** Erases the subject from all that is written. */
  erase(subject: ParsedSubject): Promise<void>;
}

/**
 * Flushes pending records, then erases the subject from every storage that supports it, and from
 * the journal.
 *
 * @throws {Error} if no storage supports it.
 * @throws {AggregateError} if a storage failed or records still wait for it. The other storages
 * have erased the subject.
 */
export async function forgetEverywhere(
  storages: readonly UsageStorage[],
  flush: () => Promise<boolean>,
  subject: UsageSubject,
  journal: JournalEraser | null,
): Promise<ForgetResult> {
  const able = storages.filter(isAble);
  if (able.length === 0)
    throw new Error(
      `usage.forget(): no storage can forget: ${storages.map(({ name }) => `'${name}'`).join(', ')} ` +
        'have no method forget.',
    );
  const erasure = journal && eraseFrom(journal, parseSubject(subject, 'usage.forget()'));
  try {
    return await forgetIn(able, flush, subject, erasure);
  } finally {
    erasure?.end();
  }
}

async function forgetIn(
  able: readonly AbleStorage[],
  flush: () => Promise<boolean>,
  subject: UsageSubject,
  journal: Erasure | null,
): Promise<ForgetResult> {
  await journal?.begin();
  const flushed = await flush();
  const outcomes = await Promise.allSettled(able.map(async (storage) => storage.forget(subject)));
  const faults = outcomes.flatMap((outcome, at) =>
    outcome.status === 'rejected' ? [forgetError(able[at]!.name, outcome.reason)] : [],
  );
  if (!flushed)
    faults.push(
      new Error(
        'records still wait to be stored, and may be of the subject; usage.stats() says where',
      ),
    );
  // What waits is in the journal alone. It is erased when `forget` is called again.
  if (flushed) await journal?.erase();
  if (journal?.fault) faults.push(journal.fault);
  if (faults.length > 0)
    throw new AggregateError(
      faults,
      `usage.forget(): not all is forgotten. ${faults.map(({ message }) => message).join('; ')}. ` +
        'Run it again when that is over.',
    );
  return Object.fromEntries(
    outcomes.map((outcome, at) => [
      able[at]!.name,
      (outcome as PromiseFulfilledResult<number>).value,
    ]),
  );
}

type AbleStorage = UsageStorage & Required<Pick<UsageStorage, 'forget'>>;

function isAble(storage: UsageStorage): storage is AbleStorage {
  return typeof storage.forget === 'function';
}

/** The erasure of one subject from the journal. Keeps its failure instead of rejecting. */
interface Erasure {
  fault: Error | null;
  begin(): Promise<void>;
  erase(): Promise<void>;
  end(): void;
}

function eraseFrom(journal: JournalEraser, subject: ParsedSubject): Erasure {
  let begun: { end(): void } | null = null;
  const erasure: Erasure = {
    fault: null,
    async begin() {
      await attempt(async () => {
        begun = await journal.begin(subject);
      });
    },
    async erase() {
      if (begun) await attempt(() => journal.erase(subject));
    },
    end() {
      begun?.end();
    },
  };
  const attempt = (work: () => Promise<void>) =>
    work().catch((reason: unknown) => {
      const message = reason instanceof Error ? reason.message : String(reason);
      erasure.fault = new Error(`the journal: ${message}`, { cause: reason });
    });
  return erasure;
}

function forgetError(name: string, reason: unknown): Error {
  const message = reason instanceof Error ? reason.message : String(reason);
  return new Error(`Storage '${name}': ${message}`, { cause: reason });
}
