import {
  addCounts,
  isMeasured,
  MEASURES,
  minusCounts,
  noCounts,
  OTHER_KEY,
  unmeasured,
  type MutableCounts,
  type SummaryCounts,
  type SummaryIncrement,
  type SummaryRow,
  nameOfRow,
} from '../../../summary/index.js';

/** The earliest and the latest instant at which something may have happened, both inclusive. */
type Range = readonly [from: number, until: number];

/** What requests without a handler added to `(other)` instead of their keys' rows. */
interface Moved {
  readonly counts: MutableCounts;
  firstSeen: Range;
  lastSeen: Range;
}

/**
 * Returns the rows that may correctly be stored for the records.
 *
 * A request without a handler counts under `(other)` if its key has no row and is not given one.
 * Other requests may later create the key's row. The key then counts in both rows, and the order in
 * which its requests came decides which of them count where. Stored rows are correct if they agree
 * with one such order. What they lack then belongs to `(other)`.
 *
 * @param unhandled The part of `rows` that requests without a handler added.
 * @param live The stored rows.
 * @param isRebuild Whether rows that lack measures get them. All requests of such a key then count
 * in its own row, because it is unknown which measures belong to those under `(other)`.
 */
export function asStored(
  rows: readonly SummaryIncrement[],
  unhandled: readonly SummaryIncrement[],
  live: readonly (SummaryRow | SummaryIncrement)[],
  isRebuild = false,
): SummaryIncrement[] {
  const parts = new Map(unhandled.map((row) => [nameOfRow(row), row]));
  if (parts.size === 0) return [...rows];
  const stored = new Map(live.map((row) => [nameOfRow(row), row]));
  const moved = new Map<string, Moved>();
  const kept = rows.map((row) => {
    const part = parts.get(nameOfRow(row));
    if (!part || row.key === OTHER_KEY) return row;
    const marked = part.hits === row.hits ? { ...row, unhandled: true as const } : row;
    const own = stored.get(nameOfRow(row));
    const otherId = nameOfRow({ ...row, key: OTHER_KEY });
    const other = stored.get(otherId);
    if (!own || !('hits' in own) || !other || !('hits' in other)) return marked;
    const isKnown = isMeasured(own) && isMeasured(other);
    if (!isKnown && isRebuild) return marked;
    const lack = minusCounts(row, own);
    if (lack.hits === 0 || !isWithin(lack, part, isKnown)) return marked;
    const seen = isKnown ? missingSpan(row, own, part) : UNKNOWN;
    if (!seen) return marked;
    moved.set(otherId, addMoved(moved.get(otherId), isKnown ? lack : unmeasured(lack), seen));
    const rest = minusCounts(row, lack);
    const { firstSeen, lastSeen } = own;
    return { ...marked, ...(isKnown ? { ...rest, firstSeen, lastSeen } : unmeasured(rest)) };
  });
  return kept.map((row) => {
    const more = moved.get(nameOfRow(row));
    const own = stored.get(nameOfRow(row));
    if (!more || !own || !('hits' in own)) return row;
    addCounts(more.counts, row);
    const first = mergeRanges(more.firstSeen, [row.firstSeen, row.firstSeen], Math.min);
    const last = mergeRanges(more.lastSeen, [row.lastSeen, row.lastSeen], Math.max);
    return {
      ...row,
      ...more.counts,
      firstSeen: clampToRange(own.firstSeen, first),
      lastSeen: clampToRange(own.lastSeen, last),
    };
  });
}

const UNKNOWN: Pick<Moved, 'firstSeen' | 'lastSeen'> = {
  firstSeen: [Infinity, Infinity],
  lastSeen: [-Infinity, -Infinity],
};

/**
 * When the first and the last of the requests that a row lacks may have come. Null: the stored row
 * agrees with no order of the requests.
 */
function missingSpan(
  row: SummaryCounts,
  own: SummaryCounts,
  part: SummaryCounts,
): Pick<Moved, 'firstSeen' | 'lastSeen'> | null {
  const any: Range = [part.firstSeen, part.lastSeen];
  const isEarly = own.firstSeen > row.firstSeen;
  const isLate = own.lastSeen < row.lastSeen;
  if (own.firstSeen < row.firstSeen || own.lastSeen > row.lastSeen) return null;
  if (isEarly && part.firstSeen !== row.firstSeen) return null;
  if (isLate && part.lastSeen !== row.lastSeen) return null;
  return {
    firstSeen: isEarly ? [row.firstSeen, row.firstSeen] : any,
    lastSeen: isLate ? [row.lastSeen, row.lastSeen] : any,
  };
}

function addMoved(
  moved: Moved | undefined,
  lack: SummaryCounts,
  { firstSeen, lastSeen }: Pick<Moved, 'firstSeen' | 'lastSeen'>,
): Moved {
  const sum = moved ?? { counts: noCounts(), ...UNKNOWN };
  addCounts(sum.counts, lack);
  sum.firstSeen = mergeRanges(sum.firstSeen, firstSeen, Math.min);
  sum.lastSeen = mergeRanges(sum.lastSeen, lastSeen, Math.max);
  return sum;
}

function mergeRanges(a: Range, b: Range, of: (a: number, b: number) => number): Range {
  return [of(a[0], b[0]), of(a[1], b[1])];
}

function clampToRange(instant: number, [from, until]: Range): number {
  return Math.min(Math.max(instant, from), until);
}

/** Whether `part` is contained in `whole`, for each measure that is added. */
function isWithin(part: SummaryCounts, whole: SummaryCounts, isKnown: boolean): boolean {
  const adding = MEASURES.filter(({ merge, since }) => merge === 'add' && (since === 1 || isKnown));
  return [part, minusCounts(whole, part)].every(
    (counts) =>
      adding.every(({ name }) => counts[name] >= 0) && Math.min(0, ...counts.latency.values()) >= 0,
  );
}
