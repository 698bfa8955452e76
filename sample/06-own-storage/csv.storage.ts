import { createReadStream } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { UsageRecord, UsageStorage } from 'nestjs-track-usage';

const COLUMNS = ['id', 'date', 'method', 'url', 'status', 'speed', 'contentLength'] as const;

/** Records as lines of a CSV file. A repeated batch is told by its ids, and written once. */
export class CsvStorage implements UsageStorage {
  readonly name = 'csv';
  private readonly stored = new Set<string>();

  constructor(private readonly file: string) {}

  /** What was written by an earlier process counts as stored. */
  async open(): Promise<void> {
    await appendFile(this.file, '');
    const lines = createInterface({ input: createReadStream(this.file) });
    for await (const line of lines) this.stored.add(line.slice(0, line.indexOf(',')));
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    const fresh = records.filter(({ id }) => !this.stored.has(id));
    await appendFile(this.file, fresh.map((record) => `${csvLine(record)}\n`).join(''));
    for (const { id } of fresh) this.stored.add(id);
  }
}

function csvLine(record: UsageRecord): string {
  return COLUMNS.map((column) => {
    const value = record[column];
    const text = value instanceof Date ? value.toISOString() : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }).join(',');
}
