import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEFAULT_DELIVERY_OPTIONS,
  type DeliveryOptions,
  type JournalOptions,
  type UsageHookFunction,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { vi } from 'vitest';
import { Delivery } from '../../../lib/delivery/index.js';
import { openJournal } from '../../../lib/delivery/journal/open-journal.js';
import { LogLines } from '../start-delivery.js';

/** A folder for journals, which its spec removes. */
export function journalFolder() {
  const path = mkdtempSync(join(tmpdir(), 'track-usage-journal-'));
  return {
    path,
    /** A folder in it that nobody uses. */
    next: (() => {
      let count = 0;
      return () => join(path, `j${count++}`);
    })(),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The segments in a folder, by their paths. */
export function segmentsIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.journal'))
    .sort()
    .map((name) => join(directory, name));
}

/** All that the files of a folder hold. */
export function textIn(directory: string): string {
  return segmentsIn(directory)
    .map((path) => readFileSync(path, 'latin1'))
    .join('');
}

/** Keeps what it stores; down for as long as it is told. */
export class SwitchedStorage implements UsageStorage {
  readonly records: UsageRecord[] = [];
  readonly hooked: UsageRecord[] = [];
  isDown = false;
  private readonly known = new Set<string>();

  constructor(
    readonly name = 'first',
    private readonly where: string | null = null,
    readonly options: DeliveryOptions & { hooks?: UsageHookFunction[] } = {},
  ) {}

  get ids(): string[] {
    return this.records.map(({ id }) => id);
  }

  place(): string | null {
    return this.where;
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    if (this.isDown) throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
    for (const record of records) {
      if (this.known.has(record.id)) continue;
      this.known.add(record.id);
      this.records.push(record);
    }
  }
}

/** Delivery with a journal, as the module starts it. */
export async function startJournaled(
  directory: string,
  storages: readonly SwitchedStorage[],
  options: DeliveryOptions & Omit<JournalOptions, 'directory'> = {},
) {
  const logger = new LogLines();
  const announced: UsageRecord[] = [];
  const { sync, maxBytes, ...delivery } = options;
  const targets = storages.map((storage) => ({
    storage,
    options: {
      ...DEFAULT_DELIVERY_OPTIONS,
      flushInterval: 20,
      shutdownTimeout: 50,
      ...delivery,
      ...storage.options,
    },
    hooks: [(record: UsageRecord) => void storage.hooked.push(record)],
  }));
  const journal = await openJournal(
    { directory, ...(sync && { sync }), ...(maxBytes && { maxBytes }) },
    targets,
    null,
    logger,
  );
  const started = new Delivery(
    targets,
    logger,
    { recordStored: (record) => announced.push(record), batchStored: () => undefined },
    journal,
  );
  started.replay();
  const { subjects } = journal.journal;
  return { delivery: started, logger, announced, subjects, journal: journal.journal };
}

/** Leaves records in a journal for storages that are down. Returns the folder. */
export async function leave(
  directory: string,
  records: readonly UsageRecord[],
  storages: readonly SwitchedStorage[] = [new SwitchedStorage()],
): Promise<void> {
  for (const storage of storages) storage.isDown = true;
  const { delivery } = await startJournaled(directory, storages);
  for (const record of records) delivery.record(record, null);
  await delivery.shutdown();
}

/** Waits until nothing waits for any storage. */
export async function drained(delivery: Delivery): Promise<void> {
  await vi.waitFor(
    () => {
      if (Object.values(delivery.stats()).some(({ waiting }) => waiting > 0))
        throw new Error(`records wait: ${JSON.stringify(delivery.stats())}`);
      const { segments } = delivery.journalStats()!;
      if (segments > 0) throw new Error(`${segments} segments are left`);
    },
    { timeout: 60_000, interval: 10 },
  );
}
