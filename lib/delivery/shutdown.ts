import type { HttpServer } from '@nestjs/common';

/** What has to be done when the process ends without a shutdown. */
export interface UnfinishedWork {
  /** The last moment: whatever is done has to be done at once. Never throws. */
  endProcess(): void;
}

const open = new Set<UnfinishedWork>();

/**
 * Does what can be done if the process ends before a shutdown: by `process.exit()`, or by an
 * exception or a rejection that nobody handles. Nothing but its end is listened to, so that it comes
 * as it would without. For want of anything to do it does not end while records wait.
 *
 * @returns What is to be called when the work is done otherwise.
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
