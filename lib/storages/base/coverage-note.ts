import type { BucketSpan } from '../../summary/index.js';
import type { NamedValues } from './named-values.js';

/**
 * What is noted about the completeness of a storage's sums. Spans are in milliseconds since the
 * epoch, `start` inclusive and `end` exclusive.
 */
export interface Coverage {
  /** All records from here on are counted. Null: nothing is known. */
  readonly since: number | null;
  /** Spans of whole hours into which processes have stored that keep no sums. In order. */
  readonly uncounted: readonly BucketSpan[];
  /**
   * Spans of whole hours whose records are being deleted, and whose sums are computed anew afterwards.
   * Apart from `uncounted`, so that who deletes can take them back: no process relies on them. In order.
   */
  readonly deleting: readonly BucketSpan[];
}

/** The name of the note among the named values. */
export const COVERAGE = 'coverage';
/** A process that adds to the note competes with others for this many attempts. */
const ATTEMPTS = 50;
/** The most spans that are noted. Beyond it, neighbours are noted as one. */
const MAX_SPANS = 500;
const VERSION = 1;
const NOTHING: Coverage = { since: null, uncounted: [], deleting: [] };

/** The note as text. Equal notes have equal texts. */
export function textOfCoverage({ since, uncounted, deleting }: Coverage): string {
  const pairs = (spans: readonly BucketSpan[]) => spans.map(({ start, end }) => [start, end]);
  return JSON.stringify({
    version: VERSION,
    since,
    uncounted: pairs(uncounted),
    ...(deleting.length > 0 && { deleting: pairs(deleting) }),
  });
}

/** The spans for which sums may not say what the records say, in order. */
export function unverifiedSpans({ uncounted, deleting }: Coverage): BucketSpan[] {
  return mergeSpans([...uncounted, ...deleting], Infinity);
}

/** Reads the text of a note. Null: a newer version wrote it, and nothing is known of it. */
export function coverageOfText(text: string | undefined): Coverage | null {
  if (text === undefined) return NOTHING;
  const note = JSON.parse(text) as {
    version: number;
    since: number | null;
    uncounted: readonly (readonly [number, number])[];
    deleting?: readonly (readonly [number, number])[];
  };
  if (note.version !== VERSION) return null;
  const spans = (pairs: readonly (readonly [number, number])[]) =>
    mergeSpans(pairs.map(([start, end]) => ({ start, end })));
  return {
    since: note.since,
    uncounted: spans(note.uncounted),
    deleting: spans(note.deleting ?? []),
  };
}

/** Reads the note. Null if a newer version wrote it. */
export async function readCoverage(values: NamedValues): Promise<Coverage | null> {
  return coverageOfText((await values.read('coverage', [COVERAGE])).get(COVERAGE));
}

/**
 * Changes the note, unless a newer version wrote it.
 *
 * @param change Returns the new note; called again if another process changes it first. Null: it
 * stays as it is.
 * @throws {Error} if others change the note during 50 attempts.
 */
export async function changeCoverage(
  values: NamedValues,
  change: (coverage: Coverage) => Coverage | null,
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const text = (await values.read('coverage', [COVERAGE])).get(COVERAGE);
    const known = coverageOfText(text);
    const changed = known && change(known);
    if (!changed) return;
    const wanted = textOfCoverage({
      since: changed.since,
      uncounted: mergeSpans(changed.uncounted),
      deleting: mergeSpans(changed.deleting),
    });
    if (wanted === text) return;
    if (await values.replace('coverage', COVERAGE, { expected: text ?? null, value: wanted }))
      return;
  }
  throw new Error(
    `The note of which sums are complete could not be changed in ${ATTEMPTS} attempts.`,
  );
}

/** Sorts spans, and merges those that overlap or touch. Merges the oldest if there are too many. */
export function mergeSpans(spans: readonly BucketSpan[], maxSpans = MAX_SPANS): BucketSpan[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (start >= end) continue;
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  const extra = merged.length - maxSpans;
  if (extra > 0) merged.splice(0, extra + 1, { start: merged[0]!.start, end: merged[extra]!.end });
  return merged;
}

/** The parts of spans that are not within the other spans. Both are in order and apart. */
export function minusSpans(
  spans: readonly BucketSpan[],
  others: readonly BucketSpan[],
): BucketSpan[] {
  return spans.flatMap((span) => {
    const rest: BucketSpan[] = [];
    let { start } = span;
    for (const other of others) {
      if (other.end <= start || other.start >= span.end) continue;
      if (other.start > start) rest.push({ start, end: other.start });
      start = other.end;
    }
    if (start < span.end) rest.push({ start, end: span.end });
    return rest;
  });
}
