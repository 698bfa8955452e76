import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { findDecision, parseStorageToken, findOwnDecision } from '../decorators/index.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import type { LoggerService } from '@nestjs/common';
import type { EventEmitter } from 'node:events';

// The metadata keys under which Nest stores the `@Inject()` tokens of parameters and properties.
const NEST_PARAMETERS_KEY = 'self:paramtypes';

const NEST_PROPERTIES_KEY = 'self:properties_metadata';

interface Injectable {
  readonly name: string | symbol;
  readonly metatype?: unknown;
  readonly inject?: readonly unknown[];
}

/**
 * Checks that every storage exists that the application injects or names in `@TrackUsage()`. Nest's
 * container does not report a missing storage, because the module provides the tokens of all
 * applications in the process.
 *
 * @throws {Error} if a storage is missing. Says who names the first one, and which storages exist.
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
        check(parseStorageToken(token), `${String(injectable.name)} injects`);
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
    const decision = findDecision(subject);
    return decision?.track ? (decision.storages ?? []) : [];
  });
}

function injectedTokens({ metatype, inject = [] }: Injectable): unknown[] {
  if (typeof metatype !== 'function') return [];
  const parameters = readMetadata<{ param: unknown }>(NEST_PARAMETERS_KEY, metatype).map(
    ({ param }) => param,
  );
  const properties = readMetadata<{ type: unknown }>(NEST_PROPERTIES_KEY, metatype).map(
    ({ type }) => type,
  );
  const tokens = inject.map((one) =>
    typeof one === 'object' && one !== null && 'token' in one ? one.token : one,
  );
  return [...parameters, ...properties, ...tokens];
}

function readMetadata<Entry>(key: string, metatype: object): Entry[] {
  const entries: unknown = Reflect.getMetadata(key, metatype);
  return Array.isArray(entries) ? (entries as Entry[]) : [];
}

/**
 * Warns of `@TrackUsage()` and `@SkipTracking()` on classes that are not controllers. They have no
 * effect there, because requests only reach controllers.
 */
export function warnOfMisplacedDecorators(modules: ModulesContainer, logger: LoggerService): void {
  const controllers = new Set<unknown>();
  const providers = new Set<unknown>();
  for (const module of modules.values()) {
    for (const { metatype } of module.controllers.values()) controllers.add(metatype);
    for (const { metatype } of module.providers.values()) providers.add(metatype);
  }
  for (const type of providers) {
    if (typeof type !== 'function' || controllers.has(type)) continue;
    const place = findDecorated(type);
    if (place === undefined) continue;
    logger.warn(
      `@${place.decorator}() stands on ${place.name}, which is a provider and no controller: there ` +
        'it changes nothing. Put it on the controller, or on its handlers, that are to be tracked.',
    );
  }
}

function findDecorated(type: object & { name: string; prototype?: unknown }) {
  const own = findOwnDecision(type);
  if (own) return { decorator: decoratorName(own), name: type.name };
  if (typeof type.prototype !== 'object' || type.prototype === null) return undefined;
  const prototype = type.prototype as Record<string, object>;
  for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
    const decision = Object.hasOwn(prototype, name) ? findOwnDecision(prototype[name]!) : undefined;
    if (decision) return { decorator: decoratorName(decision), name: `${type.name}.${name}()` };
  }
  return undefined;
}

function decoratorName({ track }: { readonly track: boolean }): string {
  return track ? 'TrackUsage' : 'SkipTracking';
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** Time after the server begins to listen in which the application may enable its hooks. */
const NOTICE_DELAY_MS = 1000;

/**
 * Warns if the process does not listen to termination signals. Nest then cannot close the
 * application, and waiting records are dropped. Checks shortly after the server has begun to
 * listen, because `enableShutdownHooks()` may be called last. Does not warn an application that
 * never listens or is closed before the check.
 *
 * @param server The HTTP server.
 * @returns A function that cancels the check. Call it when the application is closed.
 */
export function noticeMissingShutdownHooks(
  server: EventEmitter,
  flushInterval: number,
  logger: LoggerService,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const listening = () => {
    timer = setTimeout(() => {
      if (SIGNALS.some((signal) => process.listenerCount(signal) > 0)) return;
      logger.warn(
        'Shutdown hooks are off: SIGTERM or Ctrl+C ends this process at once, and what was ' +
          `recorded in the last ${flushInterval} ms (flushInterval) is lost. Call ` +
          'app.enableShutdownHooks() before app.listen().',
      );
    }, NOTICE_DELAY_MS);
    timer.unref();
  };
  server.once('listening', listening);
  return () => {
    clearTimeout(timer);
    server.off('listening', listening);
  };
}
