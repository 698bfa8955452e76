import { TrackUsageOptionsError } from './track-usage-options.error.js';

/**
 * Refuses options that another one makes useless, such as an address beside a client.
 *
 * @param owner Whose options they are: `RedisStorage`.
 * @param option The one that is given.
 * @param others Those that must not be. One that is undefined or an empty text is not.
 * @param hint What to do; by default, to leave them out.
 * @throws {TrackUsageOptionsError} if one of them is given.
 */
export function refuseBeside<T extends object>(
  owner: string,
  option: keyof T & string,
  given: T,
  others: readonly (keyof T & string)[],
  hint?: string,
): void {
  const beside = others.filter((other) => given[other] !== undefined && given[other] !== '');
  if (beside.length === 0) return;
  throw new TrackUsageOptionsError(option, beside, `none of ${others.join(', ')} beside it`, {
    owner,
    given: beside.join(' and '),
    hint: hint ?? `Leave ${beside.length > 1 ? 'them' : 'it'} out.`,
  });
}
