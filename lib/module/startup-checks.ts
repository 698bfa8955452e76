import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { decisionOn, storageNameOf } from '../decorators/index.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';

// Where Nest keeps what `@Inject()` says of a class's parameters and properties.
const PARAMETERS = 'self:paramtypes';
const PROPERTIES = 'self:properties_metadata';

interface Injectable {
  readonly name: string | symbol;
  readonly metatype?: unknown;
  readonly inject?: readonly unknown[];
}

/**
 * Checks that each storage which this application injects, or sends records to alone, is there. The
 * tokens that a module provides are those of all applications in the process, so that an unknown
 * one is no error of the container's.
 *
 * @throws Error naming the storage, who asks for it, and what there is.
 */
export function checkStorageNames(
  modules: ModulesContainer,
  storages: readonly UsageStorage[],
): void {
  const names = storages.map(({ name }) => name);
  const check = (name: string | undefined, who: string) => {
    if (name === undefined || names.includes(name)) return;
    const known = names.map((one) => `'${one}'`).join(', ');
    throw new Error(
      `${who} the storage '${name}', which TrackUsageModule does not have; it has ${known}.`,
    );
  };
  for (const { providers, controllers } of modules.values()) {
    for (const injectable of [...providers.values(), ...controllers.values()] as Injectable[])
      for (const token of injectedTokens(injectable))
        check(storageNameOf(token), `${String(injectable.name)} injects`);
    for (const { name, metatype } of controllers.values() as Iterable<Injectable>)
      for (const storage of decoratedStorages(metatype))
        check(storage, `@TrackUsage({ storages }) on ${String(name)} names`);
  }
}

function decoratedStorages(metatype: unknown): readonly string[] {
  if (typeof metatype !== 'function') return [];
  const prototype = metatype.prototype as Record<string, object>;
  const methods = new MetadataScanner().getAllMethodNames(prototype);
  return [metatype, ...methods.map((name) => prototype[name]!)].flatMap((subject) => {
    const decision = decisionOn(subject);
    return decision?.track ? (decision.storages ?? []) : [];
  });
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
