import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { once } from 'node:events';
import { defineCommand, type CommandCall, type FlagTable } from '../command.js';
import type { CommandIo } from '../command-io.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { ExportFormat } from '../export/export-format.js';
import { exportFormats } from '../export/formats.js';
import { filterOf } from '../options/filter-of.js';
import { parseChoice } from '../options/parse-values.js';
import { RANGE_FLAGS, WHERE_FLAG } from '../options/query-flags.js';
import { STORAGE_FLAGS } from '../options/storage-flags.js';
import { Progress } from '../output/progress.js';
import { shownNumber } from '../output/units.js';
import { write } from '../output/write.js';
import { withStorage } from '../storage/open-storage.js';
import { CommandUsageError } from '../usage-error.js';

const FORMATS = ['ndjson', 'csv', 'parquet'] as const;

const FLAGS = {
  ...STORAGE_FLAGS,
  ...RANGE_FLAGS,
  ...WHERE_FLAG,
  format: {
    type: 'string',
    value: 'NAME',
    help: 'ndjson (default), csv, or parquet, which needs the package hyparquet-writer',
  },
  output: { type: 'string', value: 'FILE', help: 'The file to write; default: standard output' },
} as const satisfies FlagTable;

/** Writes records to a file. */
export const exportRecords = defineCommand({
  name: 'export',
  summary: 'Writes records as NDJSON, CSV or Parquet, newest first',
  flags: FLAGS,
  examples: [
    'export --last 30d --format csv --output usage.csv',
    'export | gzip > usage.ndjson.gz',
  ],
  run,
});

async function run({ flags, io }: CommandCall<typeof FLAGS>): Promise<ExitCode> {
  const name = parseChoice('--format', flags.format, FORMATS) ?? 'ndjson';
  const file = flags.output === undefined || flags.output === '-' ? null : flags.output;
  if (name === 'parquet' && file === null && io.stdout.isTTY)
    throw new CommandUsageError('Parquet is no text: give --output FILE.');
  return withStorage(flags, io, { access: 'read', sums: 'kept' }, async (opened) => {
    const { reader, timeZone } = opened;
    const filter = { ...filterOf(flags, timeZone), signal: io.signal };
    const format = await exportFormats[name]();
    const progress = new Progress(io, 'records exported');
    let count = 0;
    const records = (async function* () {
      for await (const record of reader.streamUsage(filter)) {
        yield record;
        progress.update(++count);
      }
    })();
    const parts = format(records);
    if (file === null) await writeTo(io, parts);
    else await writeFile(resolve(io.cwd, file), parts);
    progress.end();
    if (file !== null && io.stderr.isTTY)
      await write(io.stderr, `${shownNumber(count)} records exported to ${file}.\n`);
    return EXIT.ok;
  });
}

async function writeTo({ stdout, signal }: CommandIo, parts: ReturnType<ExportFormat>) {
  for await (const part of parts) {
    signal.throwIfAborted();
    if (!stdout.write(part)) await once(stdout, 'drain', { signal });
  }
}

/** Writes a file beside, and puts it in its place when it is whole. */
async function writeFile(path: string, parts: ReturnType<ExportFormat>): Promise<void> {
  const partial = `${path}.partial`;
  const file = await open(partial, 'w');
  try {
    for await (const part of parts) await file.writeFile(part);
    await file.close();
    await rename(partial, path);
  } catch (error) {
    await file.close();
    await rm(partial, { force: true });
    throw error;
  }
}
