/** Some records of a batch are stored already: undo the batch, and store the others. */
export class RepeatedRecordsError extends Error {
  override readonly name = 'RepeatedRecordsError';
}
