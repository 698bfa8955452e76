import type { LoggerService } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { UsageEvents } from './usage-events.js';
import { missingPackage } from '../support/optional-packages.js';

/** The part of EventEmitter2 that is used here. */
interface Emitter {
  emitAsync(event: string, payload: unknown): Promise<unknown>;
}

/** Names of the events that are sent through `@nestjs/event-emitter`. */
export const RECORD_EVENT = 'track-usage.record';
export const SUMMARY_EVENT = 'track-usage.summary';
export const DEPRECATED_EVENT = 'track-usage.deprecated';

/**
 * Sends the events through the application's EventEmitter2. Errors of listeners are logged once for
 * each event and do not affect records.
 *
 * @throws {Error} if `@nestjs/event-emitter` is not installed or its module is not imported.
 */
export async function emitThrough(
  moduleRef: ModuleRef,
  events: UsageEvents,
  logger: LoggerService,
): Promise<void> {
  const emitter = await emitterOf(moduleRef);
  const logged = new Set<string>();
  const emit = async (event: string, payload: unknown) => {
    try {
      // Uses the asynchronous form, because listeners of @OnEvent() reject instead of throwing.
      await emitter.emitAsync(event, payload);
    } catch (error) {
      if (logged.has(event)) return;
      logged.add(event);
      logger.error(`A listener of ${event} failed. This is logged once: ${String(error)}`);
    }
  };
  events.records.subscribe((record) => void emit(RECORD_EVENT, record));
  events.summaries.subscribe((sum) => void emit(SUMMARY_EVENT, sum));
  events.deprecated.subscribe((call) => void emit(DEPRECATED_EVENT, call));
}

async function emitterOf(moduleRef: ModuleRef): Promise<Emitter> {
  const { EventEmitter2 } = await import('@nestjs/event-emitter').catch(
    missingPackage('TrackUsageModule: option events:', '@nestjs/event-emitter'),
  );
  try {
    return moduleRef.get<Emitter>(EventEmitter2, { strict: false });
  } catch (cause) {
    throw new Error(
      'TrackUsageModule: option events: there is no EventEmitter2. Import EventEmitterModule.forRoot() of @nestjs/event-emitter in the root module.',
      { cause },
    );
  }
}
