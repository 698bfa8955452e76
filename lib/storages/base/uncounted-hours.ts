import type { UsageRecord } from '../../record/index.js';
import type { BucketSpan } from '../../summary/index.js';
import { StorageUnavailableError } from '../contract/storage-errors.js';
import { changeCoverage, minusSpans } from './coverage-note.js';
import type { NamedValues } from './named-values.js';
import type { ParsedSubject } from './parse-subject.js';
import { parseUsageFilter } from './parse-usage-query.js';
import type { BaseStorageParts } from './storage-parts.js';
import { unkeptDimensions, unkeptWithin, type UnkeptParts } from './unkept-sums.js';

const HOUR_MS = 3_600_000;
/**
 * A rebuild removes notes of hours that are older than two days. A note of a younger hour is known
 * to stay, so that it need not be read again for each batch.
 */
const TRUSTED_MS = 24 * HOUR_MS;
export const REMOVABLE_MS = 48 * HOUR_MS;
const MAX_KNOWN_HOURS = 1000;

/**
 * Notes the hours into which a process stores that keeps no sums. It notes an hour before it stores
 * the first record of that hour. So sums of other processes are never taken for complete there.
 */
export class UncountedHours {
  private readonly noted = new Set<number>();

  constructor(
    private readonly storageName: string,
    readonly parts: Pick<BaseStorageParts, 'values' | 'ready'>,
  ) {}

  /** Stores records, and notes their hours before. */
  async around(records: readonly UsageRecord[], store: () => Promise<void>): Promise<void> {
    const hours = hoursOf(records);
    const unknown = hours.filter((hour) => !this.isTrusted(hour));
    if (unknown.length === 0) return store();
    await this.note(unknown);
    for (const hour of unknown) this.add(hour);
    await store();
    // A rebuild may have removed the note of an old hour before the records were stored.
    const old = unknown.filter((hour) => !this.isTrusted(hour));
    if (old.length > 0) await this.note(old);
  }

  /** @throws {StorageUnavailableError} if it fails, because no record has caused that. */
  private async note(hours: readonly number[]): Promise<void> {
    try {
      await this.parts.ready?.();
      await noteUncounted(this.parts.values, hours);
    } catch (error) {
      if (error instanceof StorageUnavailableError) throw error;
      const message = `Storage '${this.storageName}': ${(error as Error).message}`;
      throw new StorageUnavailableError(message, { cause: error });
    }
  }

  private isTrusted(hour: number): boolean {
    return this.noted.has(hour) && isRecent(hour);
  }

  private add(hour: number): void {
    if (!isRecent(hour)) return;
    if (this.noted.size >= MAX_KNOWN_HOURS) this.noted.clear();
    this.noted.add(hour);
  }
}

/**
 * Notes the hours of a subject's records before they are erased, if sums that this process does not
 * keep go on counting them. A process without the count of all records does not know that.
 */
export async function noteErasedHours(
  parts: Pick<BaseStorageParts, 'reader' | 'values'> & UnkeptParts,
  { field, value }: ParsedSubject,
): Promise<void> {
  const { reader, values, summarizer } = parts;
  if (summarizer.countsRecords && (await unkeptDimensions(parts)).length === 0) return;
  const hours = new Set<number>();
  for await (const { date } of reader.stream(parseUsageFilter({ where: { [field]: value } })))
    hours.add(hourOf(date.getTime()));
  const spans = [...hours].map(spanOfHour);
  const noted = summarizer.countsRecords ? await unkeptWithin(parts, spans) : spans;
  if (noted.length > 0) await noteUncountedSpans(values, noted);
}

/** The hours of records, by their first instant, each once. */
export function hoursOf(records: readonly Pick<UsageRecord, 'date'>[]): number[] {
  const hours = new Set<number>();
  for (const { date } of records) hours.add(hourOf(date.getTime()));
  return [...hours];
}

/** Notes hours, by their first instant, unless they are noted. */
async function noteUncounted(values: NamedValues, hours: readonly number[]): Promise<void> {
  if (hours.length > 0) await noteUncountedSpans(values, hours.map(spanOfHour));
}

/** Notes spans, rounded to whole hours, unless they are noted. */
export async function noteUncountedSpans(
  values: NamedValues,
  spans: readonly BucketSpan[],
): Promise<void> {
  const whole = spans.map(({ start, end }) => ({ start: hourOf(start), end: -hourOf(-end) }));
  await changeCoverage(values, (noted) =>
    whole.every((span) => minusSpans([span], noted.uncounted).length === 0)
      ? null
      : { ...noted, uncounted: [...noted.uncounted, ...whole] },
  );
}

export function hourOf(instant: number): number {
  return Math.floor(instant / HOUR_MS) * HOUR_MS;
}

export function spanOfHour(hour: number): BucketSpan {
  return { start: hour, end: hour + HOUR_MS };
}

function isRecent(hour: number): boolean {
  return hour > Date.now() - TRUSTED_MS;
}
