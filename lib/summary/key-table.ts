import type { UsageRecord } from '../record/index.js';
import type { KeyReader } from './key-reader.js';
import {
  addCounts,
  addMeasures,
  noCounts,
  type MutableCounts,
  type RecordCounts,
  type SummaryCounts,
} from './measures.js';
import { compareText } from './summary-increment.js';
import { NO_KEY } from './usage-sum.js';

/** The counts of one key. */
export interface KeyCounts {
  readonly key: string;
  /** True if none of its requests reached a handler, else undefined. */
  readonly unhandled: true | undefined;
  readonly counts: SummaryCounts;
}

interface Cell extends KeyCounts {
  unhandled: true | undefined;
  readonly counts: MutableCounts;
}

/** The counts of one dimension in one hour of a batch, by key. */
export class KeyTable {
  private readonly cells = new Map<string, Cell>();
  /** Cells by the key function's result, so that each distinct result is turned into text once. */
  private readonly byValue = new Map<unknown, Cell>();

  constructor(private readonly reader: KeyReader) {}

  add(record: UsageRecord, counts: RecordCounts): void {
    const given = this.reader.read(record);
    const cell = this.byValue.get(given) ?? this.cellFor(given, record);
    if (counts.handled) cell.unhandled = undefined;
    addMeasures(cell.counts, counts);
    const { latency } = cell.counts;
    latency.set(counts.slot, (latency.get(counts.slot) ?? 0) + counts.hits);
  }

  sorted(): readonly KeyCounts[] {
    return [...this.cells.values()].sort((a, b) => compareText(a.key, b.key));
  }

  private cellFor(given: unknown, record: UsageRecord): Cell {
    const key = this.reader.text(given, record);
    let cell = this.cells.get(key ?? NO_KEY);
    if (!cell) {
      cell = cellOf(key ?? NO_KEY);
      this.cells.set(cell.key, cell);
    }
    // Invalid keys are not cached, so that the reader counts every failure.
    if (key !== undefined) this.byValue.set(given, cell);
    return cell;
  }
}

function cellOf(key: string): Cell {
  return { key, unhandled: true, counts: noCounts() };
}

/** Merges lists of keys into one, sorted by key, and adds up the counts of each key. */
export function mergeKeys(lists: readonly (readonly KeyCounts[])[]): readonly KeyCounts[] {
  if (lists.length === 1) return lists[0]!;
  const cells = new Map<string, Cell>();
  for (const { key, unhandled, counts } of lists.flat()) {
    let cell = cells.get(key);
    if (!cell) cells.set(key, (cell = cellOf(key)));
    if (!unhandled) cell.unhandled = undefined;
    addCounts(cell.counts, counts);
  }
  return [...cells.values()].sort((a, b) => compareText(a.key, b.key));
}
