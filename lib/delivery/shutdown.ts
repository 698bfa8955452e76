/** What has to be done when the process ends without a shutdown. */
export interface UnfinishedWork {
  /** The last moment: whatever is done has to be done at once. Never throws. */
  end(): void;
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
  for (const work of open) work.end();
}
