import { randomUUID } from 'node:crypto';
import type { BucketSpan } from '../../../summary/index.js';
import type { WriteNotes } from '../records/write-notes.js';
import {
  asRead,
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
  /** Renews the hold, if need be. To be called between statements. */
  renew(): Promise<void>;
  /** Whether a state counts the same as another, and nobody else has begun to count since. */
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
    const released: BucketSpan[] = [];
    const hold = async (spans: readonly BucketSpan[]) => {
      released.push(...spans);
      const now = await this.writes.now();
      await this.states.change((state) => held(withoutHours(state, spans), id, now));
    };
    await hold([]);
    const result = await work(hold);
    // Should the hold have expired, somebody may have counted the hours or be about to. If the work
    // fails, a part of it may be under way in the server, and its hold is left to expire.
    await hold([...released]);
    await clean(released);
    await this.states.change((state) => freed(state, id));
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
      await this.states.change((latest) => held(latest, this.own, now), asRead(state));
      return true;
    } catch (error) {
      if (error instanceof StateChanged) return false;
      throw error;
    }
  }

  private turn(): CountingTurn {
    let renewed = performance.now();
    const isMine = ({ hours }: SumState) => this.own in hours.holds;
    return {
      renew: async () => {
        if (performance.now() - renewed < RENEWAL_MS) return;
        renewed = performance.now();
        const now = await this.writes.now();
        // Who has lost it finds out when the rows are to count.
        await this.states.change((state) => (isMine(state) ? held(state, this.own, now) : state));
      },
      stillHas: (state) => (latest) => isMine(latest) && contentOf(latest) === contentOf(state),
    };
  }
}

/** A state with a hold, and without those that have expired. */
function held(state: SumState, id: string, now: number): SumState {
  const others = Object.entries(state.hours.holds).filter(([, until]) => until > now);
  const holds = { ...Object.fromEntries(others), [id]: now + HOLD_US };
  return { ...state, hours: { ...state.hours, holds } };
}

function freed(state: SumState, id: string): SumState {
  const { [id]: _, ...holds } = state.hours.holds;
  return { ...state, hours: { ...state.hours, holds } };
}

/** All of a state but its holds. */
function contentOf({ gone, moves, hours: { holds: _, ...hours }, days }: SumState): string {
  return JSON.stringify([gone, moves, hours, days]);
}
