import { unverifiedSpans } from '../../storages/base/coverage-note.js';
import { FORMAT } from '../../storages/base/format.js';
import type { MigrationStep } from '../../storages/base/migration-step.js';
import type { InspectedSums } from '../../storages/base/inspection.js';
import type { OpenStorage } from '../storage/open-storage.js';

/** What is in a storage. */
export interface StorageFacts {
  readonly storage: string;
  /** The noted format; null if none is noted. */
  readonly format: number | null;
  readonly currentFormat: number;
  readonly timeZone: string;
  readonly records: number;
  readonly bytes: number | null;
  readonly oldest: Date | null;
  readonly newest: Date | null;
  /** Seconds since the newest record; null if there is none. */
  readonly lag: number | null;
  readonly pruned: Readonly<Record<string, Date>>;
  /** Rows of sums by summary. */
  readonly sums: readonly {
    readonly summary: string;
    readonly rows: number;
    /** `own`: its key function is not known here; `ended`: nothing has been counted in it lately. */
    readonly state: 'kept' | 'own' | 'ended';
  }[];
  /** Since when all records are counted in sums; null if that is not known. */
  readonly countedSince: Date | null;
  /** Hours whose sums are not known to count all records. */
  readonly unverifiedHours: number;
}

/** What is in a storage, and what is wrong with it, each with what to do. */
export interface Diagnosis {
  readonly facts: StorageFacts | null;
  readonly findings: readonly string[];
}

const HOUR_MS = 3_600_000;
/** A record may have a date in the future where clocks differ. */
const CLOCK_SKEW_MS = 300_000;

/** Looks a storage over. */
export async function examine(
  opened: OpenStorage,
  pending: readonly MigrationStep[],
  signal: AbortSignal,
): Promise<Diagnosis> {
  const { storage, reader, timeZone, inspection, summaries } = opened;
  const { bytes, faults } = await storage.health();
  const records = await reader.countUsage({ signal });
  const [newest] = await reader.getUsage({ limit: 1, signal });
  const [oldest] = await reader.getUsage({ limit: 1, orderBy: { date: 'asc' }, signal });
  const now = Date.now();
  const rows = await storage.countSumRows();
  const { coverage, pruned } = inspection;
  const unverified = hoursOf(coverage ? unverifiedSpans(coverage) : []);
  const facts: StorageFacts = {
    storage: storage.name,
    format: inspection.format,
    currentFormat: FORMAT,
    timeZone,
    records,
    bytes,
    oldest: oldest?.date ?? null,
    newest: newest?.date ?? null,
    lag: newest ? Math.round((now - newest.date.getTime()) / 1000) : null,
    pruned: Object.fromEntries(
      Object.entries(pruned).map(([kind, until]) => [kind, new Date(until)]),
    ),
    sums: inspection.sums.map(({ dimension }) => ({
      summary: dimension,
      rows: rows.get(dimension) ?? 0,
      state: summaries.unknown.includes(dimension)
        ? 'own'
        : summaries.ended.includes(dimension)
          ? 'ended'
          : 'kept',
    })),
    countedSince: sinceOf(coverage?.since ?? null, oldest?.date ?? null),
    unverifiedHours: unverified,
  };
  const findings = [
    ...(pending.length > 0
      ? [
          `This is missing: ${pending.map(({ name }) => name).join(', ')}. ` +
            'Run: nestjs-track-usage migrate',
        ]
      : []),
    ...(unverified > 0
      ? [
          `The sums of ${unverified} hours may not count all records, so reports count records ` +
            'there. Run: nestjs-track-usage rebuild',
        ]
      : []),
    ...zoneFindings([...inspection.sums, ...(inspection.count ? [inspection.count] : [])]),
    ...(newest && newest.date.getTime() > now + CLOCK_SKEW_MS
      ? [
          `The newest record is of ${newest.date.toISOString()}, which is still to come. Check the ` +
            'clocks of the servers, or delete it: nestjs-track-usage delete --start …',
        ]
      : []),
    ...faults,
  ];
  return { facts, findings };
}

function zoneFindings(sums: readonly InspectedSums[]): string[] {
  const zones = new Set(sums.flatMap(({ zone }) => (zone ? [zone.zone] : [])));
  const isIncomplete = sums.some(({ zone }) => zone && !zone.isComplete);
  return [
    ...(zones.size > 1
      ? [
          `Sums are cut in several time zones: ${[...zones].join(', ')}. Start the application with ` +
            "one timeZone and onTimeZoneChange: 'rebuild'.",
        ]
      : []),
    ...(isIncomplete
      ? ['A change of the time zone was not finished. Run: nestjs-track-usage rebuild']
      : []),
  ];
}

/** All records are counted from the beginning on, or from an instant that lies after the oldest. */
function sinceOf(since: number | null, oldest: Date | null): Date | null {
  if (since === null) return null;
  return oldest && since < oldest.getTime() ? oldest : new Date(since);
}

function hoursOf(spans: readonly { readonly start: number; readonly end: number }[]): number {
  return spans.reduce((hours, { start, end }) => hours + (end - start) / HOUR_MS, 0);
}
