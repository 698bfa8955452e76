/** A line, a row or a document that cannot be read as a request. The message says why. */
export class UnreadableError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'UnreadableError';
  }
}
