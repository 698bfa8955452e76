import { Injectable } from '@nestjs/common';
import { EventEmitter, once } from 'node:events';

/**
 * How a test and the handlers of its application wait for one another, so that no test has to
 * guess how long something takes.
 */
@Injectable()
export class Signals {
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private readonly given = new Set<string>();

  give(name: string): void {
    this.given.add(name);
    this.emitter.emit(name);
  }

  /** Resolves when the signal is given, or at once if it has been. */
  async wait(name: string): Promise<void> {
    if (!this.given.has(name)) await once(this.emitter, name);
  }

  reset(): void {
    this.given.clear();
  }
}
