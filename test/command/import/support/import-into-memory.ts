import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStorage, type UsageRecord } from 'nestjs-track-usage';
import { afterEach } from 'vitest';
import {
  importSource,
  logFormat,
  LogSource,
  type ImportCounts,
  type ImportOptions,
  type ImportSource,
  type LogSourceOptions,
  type RejectedItem,
} from '../../../../lib/command/import/index.js';
import { contextOf } from '../../../support/storage-context.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'track-usage-import-'));
  folders.push(folder);
  return folder;
}

/** A file of these lines, which is removed after the test. */
export function fileOf(lines: readonly string[] | Buffer, name = `${randomUUID()}.log`): string {
  const path = join(newFolder(), name);
  writeFileSync(path, Buffer.isBuffer(lines) ? lines : lines.map((line) => `${line}\n`).join(''));
  return path;
}

/** What an import gave. */
export interface Imported {
  readonly counts: ImportCounts;
  /** Oldest first. */
  readonly records: UsageRecord[];
  readonly rejected: RejectedItem[];
}

/** Imports a source, by default into an empty storage. */
export async function importInto(
  source: ImportSource,
  options: ImportOptions = {},
  storage?: MemoryStorage,
): Promise<Imported> {
  const target = storage ?? (await openMemory());
  const rejected: RejectedItem[] = [];
  const counts = await importSource(source, target, {
    ...options,
    onRejected: (item) => rejected.push(item),
  });
  return { counts, rejected, records: (await target.getUsage({ limit: 10_000 })).reverse() };
}

export async function openMemory(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await storage.open(contextOf([]));
  return storage;
}

/** Imports lines of a log. */
export function importLines(
  lines: readonly string[],
  format?: string,
  settings: Partial<LogSourceOptions> & { options?: ImportOptions } = {},
): Promise<Imported> {
  const { options, ...log } = settings;
  const source = new LogSource({
    files: [fileOf(lines)],
    ...(format === undefined ? {} : { format: logFormat(format) }),
    ...log,
  });
  return importInto(source, options);
}
