import { createHash, createHmac } from 'node:crypto';
import { addKeyParameter } from '../../support/key-parameters.js';
import { shownValue } from '../../support/shown-value.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';
import { currentCall } from './current-call.js';
import type { UsageConsumer } from './usage-consumer.js';

/**
 * The options of `byApiKey()`.
 *
 * @publicApi
 */
export interface ApiKeyOptions {
  /**
   * Name of a query parameter that may hold the key instead of the header. Its value is redacted in
   * `url`, `urlArgs` and `referrer`, whatever the option `redact` says.
   * @default none
   */
  query?: string;
  /**
   * Secret of the hash. With it, nobody who reads the records can test whether a key is the one
   * behind an id. It must stay the same, or every consumer gets a new id.
   * @default none
   */
  secret?: string;
}

/**
 * Names the consumer of a request by its API key; null if it has none.
 *
 * @publicApi
 */
export type ApiKeyReader = (
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's or Fastify's, as it comes
  request: any,
) => UsageConsumer | null;

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const BEARER = /^bearer +([^\s]+) *$/i;
/** Headers whose value begins with a scheme. */
const WITH_SCHEME = new Set(['authorization', 'proxy-authorization']);
/** Characters of a key from which on four of them may stand before its hash. */
const MIN_LENGTH_FOR_PREFIX = 16;
const PREFIX_LENGTH = 4;

const keyConsumers = new WeakSet<object>();

/**
 * Names the consumer by an API key, for the option `consumer`. The key itself is never recorded:
 * its id is the SHA-256 of the key in 64 hexadecimal digits, after the first four characters and
 * `_` if the key has at least 16. A key names a consumer only if all guards of the handler let the
 * request pass, because anybody can invent keys. If the application calls the function itself, it
 * must have verified the key.
 *
 * @param header Name of the header. Of `authorization` only a Bearer key counts.
 * @throws {TrackUsageOptionsError} if an argument does not fit.
 *
 * @example
 * TrackUsageModule.forRoot({ consumer: byApiKey('x-api-key', { secret: process.env.KEY_SECRET }) });
 *
 * @publicApi
 */
export function byApiKey(header = 'x-api-key', options: ApiKeyOptions = {}): ApiKeyReader {
  checkArguments(header, options);
  const { query, secret } = options;
  if (query !== undefined) addKeyParameter(query);
  const name = header.toLowerCase();
  return (request: { headers?: Record<string, unknown>; query?: Record<string, unknown> }) => {
    if (currentCall()?.hasPassedGuards === false) return null;
    const inHeader = readHeader(name, request.headers?.[name]);
    const key = inHeader ?? (query === undefined ? null : readText(request.query?.[query]));
    return key === null ? null : keyConsumer(key, secret);
  };
}

/** Whether the id of a consumer is the hash of a key, which is computed when it is read. */
export function isKeyConsumer(consumer: object): boolean {
  return keyConsumers.has(consumer);
}

// The id is computed when it is read, off the request's path. No property holds the key.
function keyConsumer(key: string, secret: string | undefined): UsageConsumer {
  const consumer = {
    get id() {
      return idOfKey(key, secret);
    },
  };
  keyConsumers.add(consumer);
  return consumer;
}

function idOfKey(key: string, secret: string | undefined): string {
  const hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  const digest = hash.update(key).digest('hex');
  if (key.length < MIN_LENGTH_FOR_PREFIX) return digest;
  return `${key.slice(0, PREFIX_LENGTH)}_${digest}`;
}

function readHeader(name: string, value: unknown): string | null {
  if (typeof value !== 'string') return null;
  return WITH_SCHEME.has(name) ? (BEARER.exec(value)?.[1] ?? null) : readText(value);
}

function readText(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

function checkArguments(header: unknown, options: unknown): void {
  const owner = 'byApiKey()';
  if (typeof header !== 'string' || !HEADER_NAME.test(header))
    throw new TrackUsageOptionsError('header', header, "a header's name such as 'x-api-key'", {
      owner,
      given: shownValue(header),
    });
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new TrackUsageOptionsError('options', options, 'an object with query or secret', {
      owner,
    });
  for (const [name, value] of Object.entries(options)) {
    if (name !== 'query' && name !== 'secret')
      throw new TrackUsageOptionsError(name, value, 'one of the options query, secret', { owner });
    // Without its secret, the ids could be tested against keys, and nobody would notice.
    const mayBeMissing = name === 'query' && value === undefined;
    if (mayBeMissing || (typeof value === 'string' && value !== '')) continue;
    throw new TrackUsageOptionsError(name, undefined, 'text that is not empty', {
      owner,
      given: typeof value === 'string' ? 'an empty text' : typeof value,
      hint: value === undefined ? 'Is an environment variable missing?' : '',
    });
  }
}
