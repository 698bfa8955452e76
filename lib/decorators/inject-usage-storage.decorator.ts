import { Inject } from '@nestjs/common';
import { UsageStorage } from '../storages/contract/usage-storage.js';
import { rejectBareDecorator } from './tracking-decision.js';

// A module's providers are fixed before its options are known, so the names that the application
// asks for are collected as its classes are defined.
const requested = new Set<string>();

const TOKEN_PREFIX = 'UsageStorage:';

/**
 * Token of the storage of that name; of the first one without a name.
 *
 * @publicApi
 */
export function getUsageStorageToken(name?: string): string | symbol {
  if (name === undefined) return UsageStorage;
  requested.add(name);
  return TOKEN_PREFIX + name;
}

/**
 * Injects the storage of that name, or the first one without a name.
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

/** The name that a token of `getUsageStorageToken` was made from; undefined for other tokens. */
export function parseStorageToken(token: unknown): string | undefined {
  return typeof token === 'string' && token.startsWith(TOKEN_PREFIX)
    ? token.slice(TOKEN_PREFIX.length)
    : undefined;
}

/** The names that tokens have been made of so far. */
export function requestedStorageNames(): readonly string[] {
  return [...requested];
}
