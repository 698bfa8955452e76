import { setImmediate as turn } from 'node:timers/promises';

/**
 * Turns of the event loop, of which each is for one piece of work: what else the application has to
 * answer comes between two of them.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Resolves in a turn that nobody else has been given. */
  next(): Promise<unknown> {
    return (this.last = this.last.then(() => turn()));
  }
}
