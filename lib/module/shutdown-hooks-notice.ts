import type { LoggerService } from '@nestjs/common';
import type { EventEmitter } from 'node:events';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** How long after the server listens the application may take to switch its hooks on. */
const GRACE_MS = 1000;

/**
 * Says that nobody listens to the signals that end a process: then Nest cannot close the
 * application, and what waits is lost. It is known a moment after the server has begun to listen,
 * for `enableShutdownHooks()` may come last. An application that never listens, or is closed
 * before, is told nothing.
 *
 * @param server The HTTP server.
 * @returns What takes it back, when the application is closed.
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
    }, GRACE_MS);
    timer.unref();
  };
  server.once('listening', listening);
  return () => {
    clearTimeout(timer);
    server.off('listening', listening);
  };
}
