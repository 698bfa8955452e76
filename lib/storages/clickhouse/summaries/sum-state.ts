import type { BucketsBefore, Summarizer, SummaryPeriod } from '../../../summary/index.js';
import type { NoteTable } from '../format/note-table.js';

/** Records from before a date that were inserted by an instant, in microseconds. */
export type Counted = readonly [before: number, insertedBy: number];

/** Which records count no longer by themselves, and which stored rows count instead. */
export interface SumState {
  /**
   * The records that have been pruned, or whose buckets have been. They may still be there.
   */
  readonly gone: Readonly<Record<'records' | SummaryPeriod, readonly Counted[]>>;
  /** The stored rows of these moves count. Those without a move always do. */
  readonly moves: readonly string[];
}

/** A state as it was read, with the buckets whose keys of persons are folded. */
export interface ReadState extends SumState {
  readonly foldedBefore: BucketsBefore | null;
  /** Equal for equal states only. */
  readonly signature: string;
}

const KIND = 'sums';
const NAME = 'state';
const EMPTY: SumState = { gone: { records: [], hour: [], day: [], month: [] }, moves: [] };
const ATTEMPTS = 50;

/** Thrown by work on a state that is not up to date any more. */
export class StateChanged extends Error {}

/**
 * The state of the sums. A prune counts records in stored rows and then changes the state, by which
 * these rows count and the records no longer do. So every record counts once at any moment.
 */
export class SumStates {
  constructor(
    private readonly notes: NoteTable,
    private readonly summarizer: Pick<Summarizer, 'calendar'>,
  ) {}

  async read(): Promise<ReadState> {
    const found = await this.notes.read([
      [KIND, NAME],
      ['pruned', 'personal'],
    ]);
    const [state, personal] = [found.get(NAME), found.get('personal')];
    return {
      ...parsed(state?.value),
      foldedBefore: personal?.value == null ? null : this.bucketsBefore(Number(personal.value)),
      signature: `${state?.revision ?? 0} ${personal?.revision ?? 0}`,
    };
  }

  /** Reads by a state, and again if it has changed meanwhile. */
  async during<T>(read: (state: ReadState) => Promise<T>): Promise<T> {
    let state = await this.read();
    for (let attempt = 1; ; attempt++) {
      const result = await read(state);
      const now = await this.read();
      if (now.signature === state.signature) return result;
      if (attempt === ATTEMPTS)
        throw new Error(`ClickHouseStorage: sums were pruned during ${ATTEMPTS} attempts to read.`);
      state = now;
    }
  }

  /**
   * Changes the state.
   *
   * @param expected The state that it must still have; else `StateChanged` is thrown. Null: any.
   */
  async change(
    change: (state: SumState) => SumState,
    expected: ReadState | null = null,
  ): Promise<void> {
    const revision = expected && Number(expected.signature.split(' ')[0]);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const note = await this.notes.readOne(KIND, NAME);
      if (revision !== null && note.revision !== revision) throw new StateChanged();
      const value = JSON.stringify(change(parsed(note.value)));
      if (value === note.value || (await this.notes.replace(KIND, NAME, note, value))) return;
    }
    throw new Error(`ClickHouseStorage: others pruned during ${ATTEMPTS} attempts.`);
  }

  private bucketsBefore(instant: number): BucketsBefore {
    const { calendar } = this.summarizer;
    return {
      hour: calendar.start('hour', instant),
      day: calendar.start('day', instant),
      month: calendar.start('month', instant),
    };
  }
}

/** Adds what is gone, without what is in it already. */
export function withGone(state: SumState, of: 'records' | SummaryPeriod, more: Counted): SumState {
  const rest = state.gone[of].filter(([before, by]) => before > more[0] || by > more[1]);
  return { ...state, gone: { ...state.gone, [of]: [...rest, more] } };
}

function parsed(text: string | null | undefined): SumState {
  return text == null ? EMPTY : (JSON.parse(text) as SumState);
}
