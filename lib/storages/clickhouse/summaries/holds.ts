import { randomUUID } from 'node:crypto';
import type { BucketSpan } from '../../../summary/index.js';
import type { WriteNotes } from '../records/write-notes.js';
import { StateChanged, withoutHours, type SumState, type SumStates } from './sum-state.js';

const HOLD_US = 300 * 1e6;
/** Counting a month of many records takes minutes. */
const LONG_HOLD_US = 1800 * 1e6;

/**
 * Keeps those who change records and those who count them in rows apart. A hold that is not taken
 * back, since its process has ended, expires.
 */
export class Holds {
  private readonly own = randomUUID();
  private isCounting = false;

  constructor(
    private readonly writes: WriteNotes,
    private readonly states: SumStates,
  ) {}

  /**
   * Changes records while nobody begins to count them, and lets them count by themselves meanwhile.
   *
   * @param work Gets a function that takes hours out of the rows. Call it before records of these
   * hours are changed, and at least every five minutes.
   * @param clean Deletes the rows of the hours that were taken out.
   */
  async around<T>(
    work: (release: (hours: readonly BucketSpan[]) => Promise<void>) => Promise<T>,
    clean: () => Promise<void>,
  ): Promise<T> {
    const id = randomUUID();
    const hold = async (spans: readonly BucketSpan[]) => {
      const now = await this.writes.now();
      await this.states.change((state) => held(withoutHours(state, spans), id, HOLD_US, now));
    };
    await hold([]);
    const result = await work(hold);
    // If it fails, a part of it may be under way in the server. The hold then expires.
    await clean();
    await this.states.change((state) => released(state, id));
    return result;
  }

  /**
   * Counts records while nobody else does: two who count the same hours would delete each other's
   * rows.
   *
   * @returns What the work returns; false if others change or count records.
   */
  async alone(work: () => Promise<boolean>): Promise<boolean> {
    if (this.isCounting) return false;
    this.isCounting = true;
    try {
      if (!(await this.begin())) return false;
      const result = await work();
      await this.states.change((state) => released(state, this.own));
      return result;
    } finally {
      this.isCounting = false;
    }
  }

  private async begin(): Promise<boolean> {
    const now = await this.writes.now();
    const state = await this.states.read();
    const { holds } = state.hours;
    // A hold of its own was left by work that failed.
    if (Object.entries(holds).some(([id, until]) => id !== this.own && until > now)) return false;
    try {
      await this.states.change((latest) => held(latest, this.own, LONG_HOLD_US, now), state);
      return true;
    } catch (error) {
      if (error instanceof StateChanged) return false;
      throw error;
    }
  }
}

function held(state: SumState, id: string, length: number, now: number): SumState {
  const others = Object.entries(state.hours.holds).filter(([, until]) => until > now);
  const holds = { ...Object.fromEntries(others), [id]: now + length };
  return { ...state, hours: { ...state.hours, holds } };
}

function released(state: SumState, id: string): SumState {
  const { [id]: _, ...holds } = state.hours.holds;
  return { ...state, hours: { ...state.hours, holds } };
}
