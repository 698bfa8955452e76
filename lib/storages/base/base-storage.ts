import type { UsageRecord } from '../../record/index.js';
import { summariesOf, type UsageSums } from '../../summary/index.js';
import type {
  PruneBounds,
  PruneCounts,
  SummaryDifference,
  UsageSubject,
} from '../contract/maintenance.js';
import { OutdatedFormatError } from '../contract/storage-errors.js';
import type {
  StorageOptions,
  UsageStorage,
  UsageStorageContext,
} from '../contract/usage-storage.js';
import type { DateRange, SumQuery, UsageFilter, UsageQuery } from '../contract/usage-query.js';
import type { ReportQuery, UsageReport } from '../contract/usage-report.js';
import type { NoteChange, NoteKind } from '../contract/usage-notes.js';
import { deleteUsage } from './delete-usage.js';
import { expectFolds, foldOldKeys } from './key-folds.js';
import { FORMAT } from './format.js';
import { inspectParts, type StorageInspection } from './inspection.js';
import { changeNote, dailySalt } from './named-values.js';
import { parsePruneBounds } from './parse-prune-bounds.js';
import { countPruned, countSumRows, prune } from './prune.js';
import { rebuildCovered } from './rebuilt-coverage.js';
import { hasNoRecords, settleCoverage, settleLostSums } from './settle-coverage.js';
import { noteErasedHours, UncountedHours } from './uncounted-hours.js';
import {
  parseDateRange,
  parseSumQuery,
  parseUsageFilter,
  parseUsageQuery,
  type ParsedFilter,
} from './parse-usage-query.js';
import { withCancellableSums } from './query/cancellable-sums.js';
import { streamWithTimeout, withTimeout } from './query/cancellation.js';
import { pageAfter } from './query/page-after.js';
import type { FindSummary } from './query/parse-where.js';
import { readSums } from './read-sums.js';
import type { MigrationStep } from './migration-step.js';
import type { BaseStorageParts, StorageHealth } from './storage-parts.js';
import { parseSubject } from './parse-subject.js';
import { ownDimensions } from './report/kept-sums.js';
import { parseReportQuery } from './report/parse-report-query.js';
import { runReport } from './report/run-report.js';
import { storedSource } from './report/stored-source.js';
import { withDeprecatedGroups, withDeprecatedRoutes } from './routes/decide-deprecated.js';

export type * from './storage-parts.js';

/**
 * The common part of all storages. It checks the arguments and whether the storage is open, then
 * calls the backend's parts.
 */
export abstract class BaseStorage<
  Parts extends BaseStorageParts = BaseStorageParts,
> implements UsageStorage {
  abstract readonly name: string;
  abstract readonly options: StorageOptions;
  readonly appliesFilters = true;
  /** Null until `open` succeeds, and after `close`. */
  private parts: Parts | null = null;
  /** Null as long as all records are counted. */
  private uncounted: UncountedHours | null = null;
  private readonly notes = (kind: NoteKind) => this.readNotes(kind);

  /**
   * Connects, and creates the parts. If it rejects, it first closes what it has opened.
   *
   * @param context Its `maxKeys` is the storage's own, or else the module's.
   */
  protected abstract openParts(context: UsageStorageContext): Promise<Parts>;

  /** The place of the open parts. Null if the storage has none that outlives the process. */
  protected placeOf(_parts: Parts): string | null {
    return null;
  }

  /** Finds the summaries of the application's own, which queries may name. */
  private readonly findSummary: FindSummary = (name) => {
    const hooks = this.parts?.summarizer.hooks ?? summariesOf(this.options.hooks);
    return ownDimensions(hooks)(name);
  };

  async open(context: UsageStorageContext): Promise<void> {
    const maxKeys = this.options.maxKeys ?? context.maxKeys;
    const parts = await this.openParts({ ...context, maxKeys });
    // Parts that connect lazily do so themselves.
    if (!parts.ready && parts.summarizer.countsRecords && context.prepares !== false)
      await settle(parts).catch(async (error: unknown) => {
        await parts.close();
        throw error;
      });
    this.parts = parts;
  }

  async close(): Promise<void> {
    const { parts } = this;
    this.parts = null;
    await parts?.close();
  }

  /** See `UsageStorage.place`. Null before `open`. */
  place(): string | null {
    return this.parts && this.placeOf(this.parts);
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    const parts = this.use();
    const distinct = distinctById(records);
    if (parts.summarizer.countsRecords) return parts.writer.store(distinct);
    if (this.uncounted?.parts !== parts) this.uncounted = new UncountedHours(this.name, parts);
    await this.uncounted.around(distinct, () => parts.writer.store(distinct));
  }

  async getUsage(query?: UsageQuery): Promise<UsageRecord[]> {
    const parsed = parseUsageQuery(query, this.findSummary);
    return withTimeout(parsed, async (signal) => {
      const { reader } = await this.ready();
      const decided = await withDeprecatedRoutes({ ...parsed, signal }, this.notes);
      return pageAfter(decided, (asked) => reader.page(asked));
    });
  }

  async countUsage(filter?: UsageFilter): Promise<number> {
    const parsed = parseUsageFilter(filter, this.findSummary);
    return withTimeout(parsed, async (signal) => {
      const { reader } = await this.ready();
      return reader.count(await withDeprecatedRoutes({ ...parsed, signal }, this.notes));
    });
  }

  async *streamUsage(filter?: UsageFilter): AsyncGenerator<UsageRecord, void, undefined> {
    const parsed = parseUsageFilter(filter, this.findSummary);
    yield* streamWithTimeout(parsed, (signal) => this.recordsOf({ ...parsed, signal }));
  }

  async getSum(dimension: string, query?: SumQuery): Promise<UsageSums> {
    const parsed = parseSumQuery(query);
    return withTimeout(parsed, async (signal) => {
      const { summarizer, sums } = await this.ready();
      return readSums(dimension, { ...parsed, signal }, summarizer, sums, this.name);
    });
  }

  async report(query?: ReportQuery): Promise<UsageReport> {
    const parsed = parseReportQuery(query, this.findSummary);
    const { timeout = null } = parsed.filter;
    return withTimeout(parsed.filter, async (signal) => {
      const ready = await this.ready();
      const sums = ready.sums.forReport?.() ?? ready.sums;
      const parts = withCancellableSums({ ...ready, sums }, { signal, timeout });
      const decided = await withDeprecatedGroups(parsed, this.notes);
      return runReport(decided, storedSource(parts, decided, signal));
    });
  }

  async rebuildSummaries(range?: DateRange): Promise<void> {
    const { start, end } = parseDateRange(range);
    const parts = await this.ready();
    await expectFolds(parts);
    await rebuildCovered(parts, start, end, () => parts.maintenance.rebuild(start, end));
  }

  async verifySummaries(range?: DateRange): Promise<SummaryDifference[]> {
    const { start, end } = parseDateRange(range);
    const parts = await this.ready();
    await expectFolds(parts);
    return parts.maintenance.verify(start, end);
  }

  async prune(before: PruneBounds): Promise<PruneCounts> {
    const bounds = parsePruneBounds(before);
    const parts = await this.ready();
    const counts = await prune(parts, bounds);
    if (bounds.personal !== null) await foldOldKeys(parts, bounds.personal);
    return counts;
  }

  async forget(subject: UsageSubject): Promise<number> {
    const parsed = parseSubject(subject, `${this.name}.forget()`);
    const parts = await this.ready();
    await expectFolds(parts);
    await noteErasedHours(parts, parsed);
    return parts.eraser.forget(parsed);
  }

  /**
   * Deletes the records that match, and computes the sums anew that counted them.
   *
   * @param onDeleted Called with the number of deleted records, time and again.
   * @returns The number of deleted records.
   * @throws {Error} if the storage cannot do so.
   */
  async deleteUsage(filter: UsageFilter, onDeleted?: (count: number) => void): Promise<number> {
    const parsed = parseUsageFilter(filter, this.findSummary);
    const parts = await this.ready();
    await expectFolds(parts);
    const decided = await withDeprecatedRoutes(parsed, this.notes);
    return deleteUsage(this.name, parts, decided, onDeleted);
  }

  /** Counts what `prune` would delete. */
  async countPruned(before: PruneBounds): Promise<PruneCounts> {
    return countPruned(await this.ready(), parsePruneBounds(before));
  }

  /** Counts the rows of sums by dimension, without the hidden count of all records. */
  async countSumRows(): Promise<ReadonlyMap<string, number>> {
    return countSumRows(await this.ready());
  }

  /**
   * What a migration would do; none if all is as this version needs it. Opens the storage for that,
   * changes nothing, and closes it.
   */
  async pendingSteps(context: UsageStorageContext): Promise<readonly MigrationStep[]> {
    const parts = await this.openParts({ ...context, summaries: [], prepares: false }).catch(
      (error: unknown) => {
        if (error instanceof OutdatedFormatError) return error;
        throw error;
      },
    );
    if (parts instanceof OutdatedFormatError) return [{ name: parts.message, statements: [] }];
    try {
      await parts.ready?.();
      const steps = (await parts.health?.missing()) ?? [];
      const { isEmpty, format } = await inspectParts(parts);
      if (isEmpty || (format ?? 1) >= FORMAT) return steps;
      return [...steps, { name: `note format ${FORMAT}`, statements: [] }];
    } finally {
      await parts.close();
    }
  }

  /** Does what `pendingSteps` names, and waits until it is done. */
  async migrate(context: UsageStorageContext): Promise<void> {
    const parts = await this.openParts({ ...context, summaries: [], migrates: true });
    try {
      await parts.ready?.();
      await parts.migrated?.();
    } finally {
      await parts.close();
    }
  }

  /** What the database says of its size and its settings. */
  async health(): Promise<StorageHealth> {
    const { health } = await this.ready();
    return { bytes: (await health?.bytes()) ?? null, faults: (await health?.faults()) ?? [] };
  }

  /** Looks at what is stored, without a change. */
  async inspect(): Promise<StorageInspection> {
    return inspectParts(await this.ready());
  }

  async dailySalt(day: string, proposed: string): Promise<string> {
    return dailySalt((await this.ready()).values, day, proposed);
  }

  async forgetDailySalts(before: string): Promise<void> {
    await (await this.ready()).values.deleteBefore('salt', before);
  }

  async readNotes(kind: NoteKind): Promise<ReadonlyMap<string, string>> {
    return (await this.ready()).values.notes(kind);
  }

  async changeNote(kind: NoteKind, name: string, change: NoteChange): Promise<void> {
    await changeNote((await this.ready()).values, kind, name, change);
  }

  /** @throws {Error} if the storage is not open. */
  protected use(): Parts {
    if (this.parts) return this.parts;
    throw new Error(`The storage ${this.name} is not open.`);
  }

  private async *recordsOf(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    const { reader } = await this.ready();
    yield* reader.stream(await withDeprecatedRoutes(filter, this.notes));
  }

  private async ready(): Promise<Parts> {
    const parts = this.use();
    await parts.ready?.();
    return parts;
  }
}

async function settle(parts: BaseStorageParts): Promise<void> {
  await settleCoverage(parts.values, () => hasNoRecords(parts));
  await settleLostSums(parts);
}

/** Keeps the first record of each id. Returns the input array itself if no id repeats. */
export function distinctById(records: readonly UsageRecord[]): readonly UsageRecord[] {
  const byId = new Map<string, UsageRecord>();
  for (const record of records) if (!byId.has(record.id)) byId.set(record.id, record);
  return byId.size === records.length ? records : [...byId.values()];
}
