import type { HttpServer } from '@nestjs/common';

/**
 * Runs `drain` when the HTTP server has finished its last request. That is the one moment after
 * which no record comes, and before which no module has closed its connection: Nest closes the
 * server before it calls any `onApplicationShutdown`.
 */
export function drainOnClose(adapter: Pick<HttpServer, 'close'>, drain: () => Promise<void>): void {
  const close = adapter.close.bind(adapter) as () => unknown;
  adapter.close = async () => {
    try {
      return await close();
    } finally {
      await drain();
    }
  };
}
