/** Milliseconds. None of them decides what is right, only who waits for whom and how long. */
export const TIMING = {
  /** How long a writer that says nothing keeps its place and its open batch. */
  lease: 15_000,
  /** Between looks for batches that nobody finishes. */
  patrol: 10_000,
  /** A sealed batch of another writer is finished for it when it is older. */
  sealed: 5_000,
  /** How long a cancelled batch is remembered, lest an insert of it comes late. */
  cancelled: 600_000,
  /** How long writers hold off while a reader wants them all idle at one moment. */
  hold: 3_000,
};
