import { shownValue } from '../../support/shown-value.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';
import { nameOfUser, toName } from '../username.js';
import { currentCall } from './current-call.js';

/**
 * Names the user of a request as its consumer; null if no user is verified.
 *
 * @publicApi
 */
export type UserReader = (
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's or Fastify's, as it comes
  request: any,
) => string | null;

const userReaders = new WeakSet<object>();

/**
 * Names the consumer by `request.user`, for the option `consumer`. The user of a Basic header is
 * never the consumer, because nobody has verified it. Where `anonymize` takes the username away,
 * there is no consumer either.
 *
 * @param property The property of `request.user`; default: `options.username`, else the first of
 * `username`, `name`, `sub` and `id` that `request.user` has.
 * @throws {TrackUsageOptionsError} if the property is not a name.
 *
 * @example
 * TrackUsageModule.forRoot({ consumer: byUser('email') });
 *
 * @publicApi
 */
export function byUser(property?: string): UserReader {
  if (property !== undefined && (typeof property !== 'string' || property === ''))
    throw new TrackUsageOptionsError(
      'property',
      property,
      "the name of a property of request.user such as 'email', or nothing for its name",
      { owner: 'byUser()', given: shownValue(property) },
    );
  const read: UserReader = (request) => {
    const call = currentCall();
    const id = userId(request as { user?: unknown }, property, call && call.username);
    if (call) call.userId = id;
    return id;
  };
  userReaders.add(read);
  return read;
}

/** Whether a function came from `byUser()`, so that it does not depend on guards. */
export function isUserReader(read: object): boolean {
  return userReaders.has(read);
}

function userId(
  { user }: { user?: unknown },
  property: string | undefined,
  username: string | null,
): string | null {
  if (property === undefined) return username ?? nameOfUser(user);
  if (typeof user !== 'object' || user === null) return null;
  return toName((user as Record<string, unknown>)[property]);
}
