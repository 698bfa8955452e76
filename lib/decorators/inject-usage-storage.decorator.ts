import { Inject } from '@nestjs/common';
import { UsageStorage } from '../storages/usage-storage.js';

// A module's providers are fixed before its options are known, so the names that the application
// asks for are collected as its classes are defined.
const wanted = new Set<string>();

/**
 * Token of the storage of that name; of the first one without a name.
 *
 * @publicApi
 */
export function getUsageStorageToken(name?: string): string | symbol {
  return name === undefined ? UsageStorage : `UsageStorage:${name}`;
}

/**
 * Injects the storage of that name, or the first one without a name.
 *
 * @example
 * constructor(@InjectUsageStorage('sql') private readonly storage: SqlStorage) {}
 *
 * @publicApi
 */
export function InjectUsageStorage(name?: string): ReturnType<typeof Inject> {
  if (name !== undefined) wanted.add(name);
  return Inject(getUsageStorageToken(name));
}

/** The names that `InjectUsageStorage` has been given so far. */
export function wantedStorageNames(): readonly string[] {
  return [...wanted];
}
