import type { UsageSubject } from '../storages/contract/maintenance.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import type { ForgetResult } from './usage-reader.js';

/**
 * Flushes pending records, then erases the subject from every storage that supports it.
 *
 * @throws {Error} if no storage supports it.
 * @throws {AggregateError} if a storage failed or records still wait for it. The other storages
 * have erased the subject.
 */
export async function forgetEverywhere(
  storages: readonly UsageStorage[],
  flush: () => Promise<boolean>,
  subject: UsageSubject,
): Promise<ForgetResult> {
  const able = storages.filter((storage) => typeof storage.forget === 'function') as (UsageStorage &
    Required<Pick<UsageStorage, 'forget'>>)[];
  if (able.length === 0)
    throw new Error(
      `usage.forget(): no storage can forget: ${storages.map(({ name }) => `'${name}'`).join(', ')} ` +
        'have no method forget.',
    );
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

function forgetError(name: string, reason: unknown): Error {
  const message = reason instanceof Error ? reason.message : String(reason);
  return new Error(`Storage '${name}': ${message}`, { cause: reason });
}
