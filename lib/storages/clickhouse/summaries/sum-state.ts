import type {
  BucketsBefore,
  BucketSpan,
  Summarizer,
  SummaryPeriod,
} from '../../../summary/index.js';
import { mergeSpans } from '../../base/coverage-note.js';
import type { Note, NoteTable } from '../format/note-table.js';
import type { WriteNotes } from '../records/write-notes.js';

/** Records from before a date that were inserted by an instant, in microseconds. */
export type Counted = readonly [before: number, insertedBy: number];

/**
 * The records that rows of hours count: those of hours before `until` that were inserted by `by`,
 * but for those of some hours. Hours are named by their first instants.
 */
export interface CountedHours {
  /** Null: none are. */
  readonly until: number | null;
  /** In microseconds by the server's clock. */
  readonly by: number;
  readonly except: readonly BucketSpan[];
  /** The rows of these moves count. Those without a move always do. */
  readonly moves: readonly string[];
  /** How often somebody has begun or ended to change records. */
  readonly changes: number;
  /** Until when others change or count records, by their ids. Nobody else counts meanwhile. */
  readonly holds: Readonly<Record<string, number>>;
}

/** The days whose rows of hours are added up in rows of days. */
export interface CountedDays {
  /** Spans of whole days, in order and apart. */
  readonly spans: readonly BucketSpan[];
  /** Days with rows of hours of another time zone: they count by their hours. In order and apart. */
  readonly strange: readonly BucketSpan[];
  /** The time zone of the days. Null: there are none. */
  readonly timeZone: string | null;
  /** The `by` of the rows of hours that they are made of. Another one: they are out of date. */
  readonly by: number;
  /** The rows of these moves count. Those without a move always do. */
  readonly moves: readonly string[];
}

/** Which rows count, and which records count by themselves. */
export interface SumState {
  /** The records that have been pruned, or whose buckets have been. They may still be there. */
  readonly gone: Readonly<Record<'records' | SummaryPeriod, readonly Counted[]>>;
  /** The rows of these moves count for pruned records. Those without a move always do. */
  readonly moves: readonly string[];
  readonly hours: CountedHours;
  readonly days: CountedDays;
}

/** A state as it was read, with the buckets whose keys of persons are folded. */
export interface ReadState extends SumState {
  readonly foldedBefore: BucketsBefore | null;
  /** The hours of records that rows of hours may not count yet. */
  readonly lateHours: readonly BucketSpan[];
  /** Equal for equal states only. */
  readonly signature: string;
}

const KIND = 'sums';
const NAME = 'state';
const NO_HOURS: CountedHours = { until: null, by: 0, except: [], moves: [], changes: 0, holds: {} };
const NO_DAYS: CountedDays = { spans: [], strange: [], timeZone: null, by: 0, moves: [] };
const EMPTY: SumState = {
  gone: { records: [], hour: [], day: [], month: [] },
  moves: [],
  hours: NO_HOURS,
  days: NO_DAYS,
};
/** The notes on which figures depend. */
const PLACES = [
  [KIND, NAME],
  ['pruned', 'personal'],
] as const;
const ATTEMPTS = 50;
/** The most spans that are noted. Beyond it, the oldest are noted as one. */
export const MAX_SPANS = 100;
/** No hour of any calendar is longer. */
export const LONGEST_HOUR_MS = 7_200_000;

type KnownState = Omit<ReadState, 'lateHours'>;

/** Tests a state, and how often the state has been changed. */
export type IsExpected = (state: SumState, revision: number) => boolean;

/** Thrown by work on a state that is not up to date any more. */
export class StateChanged extends Error {}

/**
 * The state of the sums. Work that counts records in rows writes the rows first and then changes the
 * state, by which these rows count and the records no longer do. So every record counts once at any
 * moment.
 */
export class SumStates {
  /** The state as it was read last. */
  private known: KnownState | null = null;

  constructor(
    private readonly notes: NoteTable,
    private readonly writes: WriteNotes,
    private readonly summarizer: Pick<Summarizer, 'calendar'>,
  ) {}

  async read(): Promise<ReadState> {
    const found = await this.notes.read(PLACES);
    const [note, personal] = [found.get(NAME), found.get('personal')];
    const state = parsed(note?.value);
    this.known = {
      ...state,
      foldedBefore: personal?.value == null ? null : this.bucketsBefore(Number(personal.value)),
      signature: signatureOf(found),
    };
    return this.withLateHours(this.known);
  }

  /** The state that was read last, with the hours that are late now. It may have changed since. */
  latest(): Promise<ReadState> {
    return this.known ? this.withLateHours(this.known) : this.read();
  }

  /**
   * Reads by a state, and again if it has changed meanwhile. The state that was read last is taken
   * for today's until then.
   *
   * @param first The state to begin with.
   */
  async during<T>(
    read: (state: ReadState) => Promise<T>,
    first: Promise<ReadState> = this.latest(),
  ): Promise<T> {
    let state = await first;
    for (let attempt = 1; ; attempt++) {
      const result = await read(state).catch((error: unknown) => error as Error);
      if (signatureOf(await this.notes.read(PLACES)) === state.signature) {
        if (result instanceof Error) throw result;
        return result;
      }
      if (attempt === ATTEMPTS)
        throw new Error(`ClickHouseStorage: sums were moved during ${ATTEMPTS} attempts to read.`);
      state = await this.read();
    }
  }

  /**
   * Changes the state.
   *
   * @param isExpected Whether it is one that may be changed; else `StateChanged` is thrown.
   */
  async change(
    change: (state: SumState) => SumState,
    isExpected: IsExpected = () => true,
  ): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const note = await this.notes.readOne(KIND, NAME);
      const state = parsed(note.value);
      if (!isExpected(state, note.revision)) throw new StateChanged();
      const value = JSON.stringify(change(state));
      if (value === note.value || (await this.notes.replace(KIND, NAME, note, value))) return;
    }
    throw new Error(`ClickHouseStorage: others moved sums during ${ATTEMPTS} attempts.`);
  }

  /** Writes are read last: what is written in between counts by itself. */
  private async withLateHours(state: KnownState): Promise<ReadState> {
    const { until, by } = state.hours;
    const late = until === null ? [] : await this.writes.hoursSince(by);
    const spans = late.map((start) => ({ start, end: start + LONGEST_HOUR_MS }));
    return { ...state, lateHours: mergeSpans(spans, MAX_SPANS) };
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

/** The test of a state for one that nobody has changed since it was read. */
export function asRead({ signature }: ReadState): IsExpected {
  const read = Number(signature.split(' ')[0]);
  return (_, revision) => revision === read;
}

/** Adds what is gone, without what is in it already. */
export function withGone(state: SumState, of: 'records' | SummaryPeriod, more: Counted): SumState {
  const rest = state.gone[of].filter(([before, by]) => before > more[0] || by > more[1]);
  return { ...state, gone: { ...state.gone, [of]: [...rest, more] } };
}

/** Takes hours out of those that rows count. Their records count by themselves then. */
export function withoutHours(state: SumState, spans: readonly BucketSpan[]): SumState {
  const except = mergeSpans([...state.hours.except, ...spans], MAX_SPANS);
  return { ...state, hours: { ...state.hours, except } };
}

function parsed(text: string | null | undefined): SumState {
  if (text == null) return EMPTY;
  const found = JSON.parse(text) as Partial<SumState>;
  // Who wrote it may know nothing of days or changes.
  return {
    ...EMPTY,
    ...found,
    hours: { ...NO_HOURS, ...found.hours },
    days: { ...NO_DAYS, ...found.days },
  };
}

function signatureOf(found: ReadonlyMap<string, Note>): string {
  return `${found.get(NAME)?.revision ?? 0} ${found.get('personal')?.revision ?? 0}`;
}
