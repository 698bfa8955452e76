import type { StorageStats } from '../../storages/contract/storage-stats.js';

/** What a process tells the others of itself. Instants in milliseconds since the epoch. */
export interface ProcessNote {
  readonly service: string | null;
  readonly release: string | null;
  /** `record.serverName` of its requests. */
  readonly server: string;
  readonly pid: number;
  readonly startedAt: number;
  /** When it reported last, by its own clock. */
  readonly at: number;
  /** Digest of the routes that it serves; null if they cannot be listed. */
  readonly list: string | null;
  /** The counts of its storages, by their names. */
  readonly storages: Readonly<Record<string, StorageStats>>;
}

const VERSION = 1;
/** A process reports this often. */
export const REPORT_INTERVAL_MS = 20_000;
/** A process that has not reported for this long serves no more. */
export const REPORT_LIFETIME_MS = 60_000;

export function textOfProcess(note: ProcessNote): string {
  return JSON.stringify({ version: VERSION, ...note, storages: withoutMessages(note.storages) });
}

/** Messages of drivers may name hosts: they stay in the process. */
function withoutMessages(storages: ProcessNote['storages']): ProcessNote['storages'] {
  return Object.fromEntries(
    Object.entries(storages).map(([name, stats]) => [
      name,
      { ...stats, lastError: stats.lastError && { ...stats.lastError, message: '' } },
    ]),
  );
}

/** The processes that still report, by their ids. Those that newer versions wrote are left out. */
export function reportingProcesses(
  notes: ReadonlyMap<string, string>,
  now: number,
): Map<string, ProcessNote> {
  const found = new Map<string, ProcessNote>();
  for (const [id, text] of notes) {
    const { version, ...note } = JSON.parse(text, revived) as ProcessNote & {
      version: number;
    };
    if (version === VERSION && note.at > now - REPORT_LIFETIME_MS) found.set(id, note);
  }
  return found;
}

function revived(key: string, value: unknown): unknown {
  const isDate = (key === 'date' || key === 'lastSuccess') && typeof value === 'string';
  return isDate ? new Date(value) : value;
}
