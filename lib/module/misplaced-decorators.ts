import type { LoggerService } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { ownDecisionOn } from '../decorators/index.js';

/**
 * Warns of `@TrackUsage()` and `@SkipTracking()` on what is no controller: requests reach
 * controllers, so that on a provider they change nothing.
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
    const place = decorated(type);
    if (place === undefined) continue;
    logger.warn(
      `@${place.decorator}() stands on ${place.name}, which is a provider and no controller: there ` +
        'it changes nothing. Put it on the controller, or on its handlers, that are to be tracked.',
    );
  }
}

function decorated(type: object & { name: string; prototype?: unknown }) {
  const own = ownDecisionOn(type);
  if (own) return { decorator: decoratorOf(own), name: type.name };
  if (typeof type.prototype !== 'object' || type.prototype === null) return undefined;
  const prototype = type.prototype as Record<string, object>;
  for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
    const decision = Object.hasOwn(prototype, name) ? ownDecisionOn(prototype[name]!) : undefined;
    if (decision) return { decorator: decoratorOf(decision), name: `${type.name}.${name}()` };
  }
  return undefined;
}

function decoratorOf({ track }: { readonly track: boolean }): string {
  return track ? 'TrackUsage' : 'SkipTracking';
}
