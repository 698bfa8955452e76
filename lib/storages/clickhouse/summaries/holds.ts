import { randomUUID } from 'node:crypto';
import type { BucketSpan } from '../../../summary/index.js';
import { mergeSpans } from '../../base/coverage-note.js';
import type { WriteNotes } from '../records/write-notes.js';
import {
  asRead,
  MAX_SPANS,
  StateChanged,
  withoutHours,
  type IsExpected,
  type SumState,
  type SumStates,
} from './sum-state.js';

/** Longer than a statement that changes many records takes. */
const HOLD_US = 1800 * 1e6;
const RENEWAL_MS = 300_000;

/** The turn of who counts alone. */
export interface CountingTurn {
  /** Whether a state, at an instant of the server's clock, has no hold of anybody else. */
  isAlone(state: SumState, now: number): boolean;
  /**
   * Makes sure that the hold is still there. To be called before rows are deleted.
   *
   * @throws {StateChanged} if it has expired and somebody else has begun to count.
   */
  check(): Promise<void>;
  /** Renews the hold, if need be. To be called between statements. */
  renew(): Promise<void>;
  /** Whether a state counts the same as another, and nobody changes records or has changed some. */
  stillHas(state: SumState): IsExpected;
}

/**
 * Keeps those who change records and those who count them in rows apart. A hold that is not taken
 * back, since its process has ended or its work has failed, expires after half an hour.
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
   * hours are changed, and at least every half an hour.
   * @param clean Deletes the rows of the hours that were taken out.
   */
  async around<T>(
    work: (release: (hours: readonly BucketSpan[]) => Promise<void>) => Promise<T>,
    clean: (hours: readonly BucketSpan[]) => Promise<void>,
  ): Promise<T> {
    const id = randomUUID();
    let released: readonly BucketSpan[] = [];
    const hold = async (spans: readonly BucketSpan[]) => {
      released = mergeSpans([...released, ...spans], MAX_SPANS);
      const now = await this.writes.now();
      await this.states.change((state) => held(withoutHours(changed(state), spans), id, now));
    };
    await hold([]);
    const result = await work(hold);
    // If the work fails, a part of it may be under way in the server: its hold is left to expire.
    await hold(released);
    await clean(released);
    // Should the hold have expired, somebody may have counted the hours, and their rows are deleted.
    await this.states.change((state) => freed(withoutHours(changed(state), released), id));
    return result;
  }

  /**
   * Counts records while nobody else does: two who count the same hours would delete each other's
   * rows.
   *
   * @returns What the work returns; false if others change or count records.
   */
  async alone(work: (turn: CountingTurn) => Promise<boolean>): Promise<boolean> {
    if (this.isCounting) return false;
    this.isCounting = true;
    try {
      if (!(await this.begin())) return false;
      const result = await work(this.turn());
      await this.states.change((state) => freed(state, this.own));
      return result;
    } catch (error) {
      if (error instanceof StateChanged) return false;
      throw error;
    } finally {
      this.isCounting = false;
    }
  }

  private async begin(): Promise<boolean> {
    const now = await this.writes.now();
    const state = await this.states.read();
    if (!isAlone(state, this.own, now)) return false;
    try {
      await this.states.change((latest) => held(latest, this.own, now), asRead(state));
      return true;
    } catch (error) {
      if (error instanceof StateChanged) return false;
      throw error;
    }
  }

  private turn(): CountingTurn {
    const { own } = this;
    let renewed = performance.now();
    const isMine = ({ hours }: SumState) => own in hours.holds;
    const renew = async () => {
      renewed = performance.now();
      const now = await this.writes.now();
      await this.states.change((state) => held(state, own, now), isMine);
    };
    return {
      isAlone: (state, now) => isAlone(state, own, now),
      check: renew,
      renew: async () => {
        if (performance.now() - renewed >= RENEWAL_MS) await renew();
      },
      stillHas: (state) => (latest) => isMine(latest) && contentOf(latest) === contentOf(state),
    };
  }
}

/** Whether nobody else holds a state. A hold of one's own was left by work that failed. */
function isAlone({ hours }: SumState, own: string, now: number): boolean {
  return Object.entries(hours.holds).every(([id, until]) => id === own || until <= now);
}

/** A state with a hold, and without those that have expired. */
function held(state: SumState, id: string, now: number): SumState {
  const others = Object.entries(state.hours.holds).filter(([, until]) => until > now);
  const holds = { ...Object.fromEntries(others), [id]: now + HOLD_US };
  return { ...state, hours: { ...state.hours, holds } };
}

/** A state that says that records are changed. */
function changed(state: SumState): SumState {
  const { hours } = state;
  return { ...state, hours: { ...hours, changes: hours.changes + 1 } };
}

function freed(state: SumState, id: string): SumState {
  const { [id]: _, ...holds } = state.hours.holds;
  return { ...state, hours: { ...state.hours, holds } };
}

/** All of a state but its holds. */
function contentOf({ gone, moves, hours: { holds: _, ...hours }, days }: SumState): string {
  return JSON.stringify([gone, moves, hours, days]);
}
