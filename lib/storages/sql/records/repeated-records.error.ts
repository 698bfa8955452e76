/** Some records of a batch are stored already: nothing was changed, the others may be sent. */
export class RepeatedRecordsError extends Error {
  override readonly name = 'RepeatedRecordsError';
}
