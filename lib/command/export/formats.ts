import { RECORD_FIELDS, fieldReader, type UsageRecord } from '../../record/index.js';
import { csvLine } from '../output/csv.js';
import { jsonLine } from '../output/json.js';
import type { ExportFormat } from './export-format.js';

/** Texts are handed on in parts of about this length. */
const PART_LENGTH = 65_536;

/** The formats of `export`, by name. Each loads what it needs. */
export const exportFormats = {
  ndjson: async (): Promise<ExportFormat> => (records) => inParts(records, '', jsonLine),
  csv: async (): Promise<ExportFormat> => {
    const readers = RECORD_FIELDS.map(({ path }) => fieldReader(path));
    const titles = csvLine(RECORD_FIELDS.map(({ path }) => path));
    return (records) =>
      inParts(records, titles, (record) => csvLine(readers.map((read) => read(record))));
  },
  parquet: async (): Promise<ExportFormat> => (await import('./parquet.js')).openParquet(),
} as const;

async function* inParts(
  records: AsyncIterable<UsageRecord>,
  head: string,
  lineOf: (record: UsageRecord) => string,
): AsyncGenerator<string, void, undefined> {
  let part = head;
  for await (const record of records) {
    part += lineOf(record);
    if (part.length < PART_LENGTH) continue;
    yield part;
    part = '';
  }
  if (part !== '') yield part;
}
