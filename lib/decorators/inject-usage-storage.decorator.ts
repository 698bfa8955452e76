import { Inject } from '@nestjs/common';
import { UsageStorage } from '../storages/contract/usage-storage.js';
import { rejectBareDecorator } from './tracking-decision.js';

// A module's providers are fixed before its options are known. Therefore the requested names are
// collected while the application's classes are defined.
const requested = new Set<string>();

const TOKEN_PREFIX = 'UsageStorage:';

/**
 * Injection token of the storage with the given name; without a name, of the first storage.
 *
 * @example
 * const storage = app.get<SqlStorage>(getUsageStorageToken('sql'));
 *
 * @publicApi
 */
export function getUsageStorageToken(name?: string): string | symbol {
  if (name === undefined) return UsageStorage;
  requested.add(name);
  return TOKEN_PREFIX + name;
}

/**
 * Injects the storage with the given name; without a name, the first storage.
 *
 * @example
 * constructor(@InjectUsageStorage('sql') private readonly storage: SqlStorage) {}
 *
 * @publicApi
 */
export function InjectUsageStorage(
  name?: string,
  ...others: readonly never[]
): ReturnType<typeof Inject> {
  rejectBareDecorator('InjectUsageStorage', [name, ...others]);
  return Inject(getUsageStorageToken(name));
}

/** The storage name in a token of `getUsageStorageToken`; undefined for other tokens. */
export function parseStorageToken(token: unknown): string | undefined {
  return typeof token === 'string' && token.startsWith(TOKEN_PREFIX)
    ? token.slice(TOKEN_PREFIX.length)
    : undefined;
}

/** The storage names for which tokens were created so far. */
export function requestedStorageNames(): readonly string[] {
  return [...requested];
}
