import type { HttpServer } from '@nestjs/common';

/** Work that must be finished if the process ends without a shutdown. */
export interface UnfinishedWork {
  /** Called at the end of the process. Must work synchronously. Never throws. */
  endProcess(): void;
}

const open = new Set<UnfinishedWork>();

/**
 * Calls `endProcess` if the process ends before a shutdown: by `process.exit()`, or by an unhandled
 * exception or rejection. Only listens to the end, so that it does not change how the process ends.
 * A process without other work does not end while records wait.
 *
 * @returns A function that cancels the call. Call it when the work is done.
 */
export function atProcessEnd(work: UnfinishedWork): () => void {
  if (open.size === 0) process.on('exit', endAll);
  open.add(work);
  return () => {
    if (open.delete(work) && open.size === 0) process.off('exit', endAll);
  };
}

function endAll(): void {
  for (const work of open) work.endProcess();
}

/**
 * Runs `drain` when the HTTP server has finished its last request. After that no new records
 * arrive. No module has closed its connection yet, because Nest closes the server before it calls
 * any `onApplicationShutdown`.
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
