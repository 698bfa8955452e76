import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { StorageStats } from '../storages/contract/storage-stats.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import type { ProcessState } from './dashboard-source.js';

type States = Readonly<Record<string, StorageStats>>;

const REPORT_INTERVAL_MS = 20_000;
/** A process that has not reported for so long is not shown. */
const SHOWN_MS = 60_000;
/** The state of a process that has not reported for so long is deleted: it was killed. */
const KEPT_MS = 600_000;

/**
 * The state of the tracking in all processes of an application. Each notes its own beside the data,
 * so that whichever a load balancer asks knows of all. A storage that keeps no notes knows of one.
 */
export class ProcessStates {
  private readonly id = randomUUID();
  private readonly name = `${hostname()} ${process.pid}`;
  private timer: NodeJS.Timeout | null = null;

  /**
   * @param storage Where the notes are; undefined if there is none.
   * @param stats Returns this process's state.
   * @param onFailure Is told when the state could not be noted.
   */
  constructor(
    private readonly storage: UsageStorage | undefined,
    private readonly stats: () => States,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Begins to note this process's state, now and then. */
  start(): void {
    if (!this.storage?.changeNote) return;
    void this.report();
    this.timer = setInterval(() => void this.report(), REPORT_INTERVAL_MS).unref();
  }

  /** Stops, and deletes this process's note. */
  async stop(): Promise<void> {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    await this.storage?.changeNote?.('tracking', this.id, () => null).catch(() => undefined);
  }

  /** The states of all processes that have reported within a minute, this one's as it is now. */
  async all(): Promise<ProcessState[]> {
    const own = { name: this.name, date: new Date(), storages: this.stats() };
    const notes = (await this.storage?.readNotes?.('tracking')) ?? new Map<string, string>();
    const others = [...notes]
      .filter(([id]) => id !== this.id)
      .flatMap(([, text]) => stateOf(text) ?? [])
      .filter(({ date }) => date.getTime() > Date.now() - SHOWN_MS);
    return [own, ...others].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  private async report(): Promise<void> {
    const { storage, name } = this;
    try {
      const text = JSON.stringify({
        name,
        date: new Date(),
        storages: withoutMessages(this.stats()),
      });
      await storage?.changeNote?.('tracking', this.id, () => text);
      for (const [id, note] of (await storage?.readNotes?.('tracking')) ?? [])
        if (isOld(note))
          await storage?.changeNote?.('tracking', id, (now) =>
            now && isOld(now) ? null : undefined,
          );
    } catch (error) {
      if (this.timer) this.onFailure(error);
    }
  }
}

/** Messages of drivers may name hosts: they stay in the process. */
function withoutMessages(states: States): States {
  return Object.fromEntries(
    Object.entries(states).map(([storage, stats]) => [
      storage,
      { ...stats, lastError: stats.lastError && { ...stats.lastError, message: '' } },
    ]),
  );
}

function isOld(text: string): boolean {
  const state = stateOf(text);
  return state === null || state.date.getTime() < Date.now() - KEPT_MS;
}

/** The state that a process has noted; null if the text is none. */
function stateOf(text: string): ProcessState | null {
  try {
    const { name, date, storages } = JSON.parse(text, revived) as ProcessState;
    const isState =
      typeof name === 'string' && date instanceof Date && typeof storages === 'object';
    return isState ? { name, date, storages } : null;
  } catch {
    return null;
  }
}

function revived(key: string, value: unknown): unknown {
  const isDate = (key === 'date' || key === 'lastSuccess') && typeof value === 'string';
  return isDate ? new Date(value) : value;
}
