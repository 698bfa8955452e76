import type { ReadState, SumStates } from './sum-state.js';

/**
 * The state of the sums for one report. Its readings share the hours that are late when it begins:
 * what is stored from then on need not count.
 */
export class ReportStates implements Pick<SumStates, 'during' | 'read'> {
  private first: Promise<ReadState> | null = null;

  constructor(private readonly states: SumStates) {}

  /** Begins to read the state, so that no reading has to wait for it. */
  expect(): void {
    this.first ??= this.states.latest();
    // Who reads by it is told.
    this.first.catch(() => {});
  }

  read(): Promise<ReadState> {
    return this.states.read();
  }

  during<T>(read: (state: ReadState) => Promise<T>): Promise<T> {
    if (this.first === null) return this.states.during(read);
    const own = (state: ReadState) => {
      // If it had changed, the next reading begins with what it is now.
      this.first = Promise.resolve(state);
      return read(state);
    };
    return this.states.during(own, this.first);
  }
}
