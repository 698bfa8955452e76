import type { CapturedClient, CapturedConsumer } from '../record/captured-request.js';
import type { UsageRecord, UserAgentInfo } from '../record/index.js';
import { redactEncodedKeys } from './privacy/known-keys.js';
import { REDACTED } from './privacy/redact-text.js';
import { headerText } from './text-decoding.js';
import { MAX_CONSUMER_LENGTH, sanitizeText } from './text-limits.js';

/** The form of an id that `byApiKey()` makes of a key. */
const KEY_ID = /^(?:[^]{4}_)?[0-9a-f]{64}$/;

const KEY_AS_CONSUMER =
  'The option consumer returned a key, which no record may hold. Name the consumer by byApiKey(), which hashes it.';

/**
 * The consumer's id as it is stored. Null if a user's name is a key of a known form.
 *
 * @throws {Error} if the application's own function returned a key of a known form.
 */
export function consumerId({ id, from }: CapturedConsumer): string | null {
  const isKey = from !== 'key' && !KEY_ID.test(id) && redactEncodedKeys(id, REDACTED) !== id;
  if (isKey && from === 'user') return null;
  if (isKey) throw new Error(KEY_AS_CONSUMER);
  return sanitizeText(id, MAX_CONSUMER_LENGTH);
}

/** The client's software, named by the application instead of the user agent. */
export function namedByApplication(
  agent: UserAgentInfo,
  client: CapturedClient,
  withoutKeys: (text: string | null) => string | null,
): UserAgentInfo {
  const read = (text: string | null) => withoutKeys(text && headerText(text).trim()) || null;
  const browser = read(client.name);
  return browser === null ? agent : { ...agent, browser, version: read(client.version) };
}

/**
 * Takes what `anonymize` has done to the username over to the consumer, if the user is the consumer
 * and `anonymize` has not changed the consumer itself.
 *
 * @param kept What `anonymize` returned.
 * @param given What it was given.
 */
export function anonymizedUser(
  kept: UsageRecord,
  given: Pick<UsageRecord, 'username' | 'consumer'>,
): UsageRecord {
  if (kept.consumer !== given.consumer || kept.username === given.username) return kept;
  if (kept.username === null) return { ...kept, consumer: null, consumerGroup: null };
  const shortened = (name: string | null) => name && sanitizeText(name, MAX_CONSUMER_LENGTH);
  if (given.consumer !== shortened(given.username)) return kept;
  return { ...kept, consumer: shortened(kept.username) };
}
