import type { UsageRecord } from '../record/index.js';
import type { KeyReader } from './key-reader.js';
import type { RecordCounts } from './record-counts.js';
import {
  addCounts,
  compareText,
  noCounts,
  type MutableCounts,
  type SummaryCounts,
} from './summary-increment.js';
import { NO_KEY } from './usage-sum.js';

/** The sums of one key. */
export interface KeyCounts extends SummaryCounts {
  readonly key: string;
  /** Whether a request among them reached a handler. */
  readonly handled: boolean;
}

type Cell = { readonly key: string; handled: boolean } & MutableCounts;

/** The sums of one dimension in one hour of a batch, by key. */
export class KeyTable {
  // By key, and by every other value that gave the key, so that few are turned into text.
  private readonly cells = new Map<unknown, Cell>();
  private readonly list: Cell[] = [];

  constructor(private readonly reader: KeyReader) {}

  add(record: UsageRecord, counts: RecordCounts): void {
    const given = this.reader.read(record);
    const cell = this.cells.get(given) ?? this.cellFor(given, record);
    cell.handled ||= counts.handled;
    cell.hits += counts.hits;
    cell.transfer += counts.transfer;
    cell.errors += counts.errors;
    cell.duration += counts.duration;
    cell.latency.set(counts.slot, (cell.latency.get(counts.slot) ?? 0) + counts.hits);
  }

  sorted(): readonly KeyCounts[] {
    return this.list.sort((a, b) => compareText(a.key, b.key));
  }

  private cellFor(given: unknown, record: UsageRecord): Cell {
    const key = this.reader.text(given, record);
    let cell = this.cells.get(key ?? NO_KEY);
    if (!cell) {
      cell = { key: key ?? NO_KEY, handled: false, ...noCounts() };
      this.cells.set(cell.key, cell);
      this.list.push(cell);
    }
    // What is no key comes this way each time, so that each is told of.
    if (key !== undefined) this.cells.set(given, cell);
    return cell;
  }
}

/** The sum of sorted lists of keys, sorted. */
export function mergeKeys(lists: readonly (readonly KeyCounts[])[]): readonly KeyCounts[] {
  if (lists.length === 1) return lists[0]!;
  const cells = new Map<string, Cell>();
  for (const counts of lists.flat()) {
    let cell = cells.get(counts.key);
    if (!cell) {
      cell = { key: counts.key, handled: false, ...noCounts() };
      cells.set(counts.key, cell);
    }
    cell.handled ||= counts.handled;
    addCounts(cell, counts);
  }
  return [...cells.values()].sort((a, b) => compareText(a.key, b.key));
}
