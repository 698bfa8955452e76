import type { ModulesContainer } from '@nestjs/core';
import { storageNameOf } from './decorators/index.js';
import type { UsageStorage } from './storages/usage-storage.js';

// Where Nest keeps what `@Inject()` says of a class's parameters and properties.
const PARAMETERS = 'self:paramtypes';
const PROPERTIES = 'self:properties_metadata';

interface Injectable {
  readonly name: string;
  readonly metatype?: unknown;
  readonly inject?: readonly unknown[];
}

/**
 * Checks that each storage which this application injects is there. The tokens that a module
 * provides are those of all applications in the process, so that an unknown one is no error of
 * the container's.
 *
 * @throws Error naming the storage, who asks for it, and what there is.
 */
export function checkInjectedStorages(
  modules: ModulesContainer,
  storages: readonly UsageStorage[],
): void {
  const names = storages.map(({ name }) => name);
  for (const module of modules.values())
    for (const injectable of [
      ...module.providers.values(),
      ...module.controllers.values(),
    ] as Injectable[])
      for (const token of injectedTokens(injectable)) {
        const name = storageNameOf(token);
        if (name === undefined || names.includes(name)) continue;
        throw new Error(
          `${injectable.name} injects the storage '${name}', which TrackUsageModule does not have; it has ${names.map((one) => `'${one}'`).join(', ')}.`,
        );
      }
}

function injectedTokens({ metatype, inject = [] }: Injectable): unknown[] {
  if (typeof metatype !== 'function') return [];
  const parameters = declared<{ param: unknown }>(PARAMETERS, metatype).map(({ param }) => param);
  const properties = declared<{ type: unknown }>(PROPERTIES, metatype).map(({ type }) => type);
  const tokens = inject.map((one) =>
    typeof one === 'object' && one !== null && 'token' in one ? one.token : one,
  );
  return [...parameters, ...properties, ...tokens];
}

function declared<Entry>(key: string, metatype: object): Entry[] {
  const entries: unknown = Reflect.getMetadata(key, metatype);
  return Array.isArray(entries) ? (entries as Entry[]) : [];
}
