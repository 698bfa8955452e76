import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableNames } from '../databases/database.js';
import { withScratch } from '../scratch.js';
import type { Settings } from '../settings.js';

/** Where the records are, or will be. */
export interface Filled {
  readonly scratch: string;
  readonly tables: TableNames;
  /** The instant after the newest record, at no full hour. */
  readonly end: number;
  /** What filling took, in seconds, if they are in; else null. */
  readonly filled: number | null;
  /** To be called when they are in. */
  readonly kept: (seconds: number) => Promise<void>;
}

/**
 * Runs `work` on tables that are gone afterwards, or, with `--keep`, on those that an earlier run
 * has filled and left: what takes an hour to fill is asked by each version in turn.
 */
export async function withFilled(
  name: string,
  size: number,
  { keep }: Pick<Settings, 'keep'>,
  work: (filled: Filled) => Promise<void>,
): Promise<void> {
  const tables = (suffix: string) => ({
    recordTable: `bench_records_reports_${suffix}`,
    summaryTable: `bench_sums_reports_${suffix}`,
  });
  const end = Date.now();
  if (keep === null)
    return withScratch((scratch) =>
      work({
        scratch,
        tables: tables(`${size}_${process.pid}`),
        end,
        filled: null,
        kept: async () => {},
      }),
    );
  await mkdir(keep, { recursive: true });
  const note = join(keep, `${name}-${size}.json`);
  const place = { scratch: keep, tables: tables(`${size}_kept`), end };
  const earlier = existsSync(note)
    ? (JSON.parse(await readFile(note, 'utf8')) as { end: number; seconds: number })
    : null;
  return work({
    ...place,
    ...(earlier && { end: earlier.end }),
    filled: earlier?.seconds ?? null,
    kept: (seconds) => writeFile(note, JSON.stringify({ end: earlier?.end ?? end, seconds })),
  });
}
