import { readFile, stat } from 'node:fs/promises';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportFormats } from '../../lib/command/export/formats.js';
import { fieldReader, RECORD_FIELDS, type UsageRecord } from '../../lib/record/index.js';
import { sqlite } from '../faults/databases.js';
import { temporaryFolder } from '../storages/sql/places.js';
import { fillPlace, someRecords, type FilledPlace } from './places.js';
import { runCommand } from './run-command.js';

/** The rows of a Parquet file as another library reads them. */
async function rowsOf(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return parquetReadObjects({ file: copy as ArrayBuffer });
}

/** What a row should have: JSON where the record has objects, whole numbers of 64 bits as they are. */
function wanted(record: UsageRecord): Record<string, unknown> {
  const entries = RECORD_FIELDS.map(({ path, kind }) => {
    const value: unknown = fieldReader(path)(record) ?? null;
    return [path, kind === 'bigInteger' && value !== null ? BigInt(value as number) : value];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

describe('export --format parquet', () => {
  const folder = temporaryFolder();
  const full = makeRecord({
    url: `https://shop.example/${'é'.repeat(40)}`,
    trackVar: { plan: 'pro', list: [1, { a: null }], text: "it's" },
    viewArgs: { id: '7' },
    urlArgs: { tag: ['a', 'b'] },
    contentLength: 2 ** 40,
    speed: 0.000_123,
    weight: 0.5,
    ipInfo: {
      ...{ country: 'CH', region: 'Zürich', city: null },
      ...{ latitude: 47.5, longitude: 8.7, raw: null },
    },
  });
  let place: FilledPlace;
  beforeAll(async () => {
    place = await fillPlace(sqlite, [...someRecords(), full]);
  });
  afterAll(async () => {
    await place.remove();
    folder.remove();
  });

  it('writes records that another library reads as they are', async () => {
    const path = `${folder.path}/usage.parquet`;
    const args = ['export', '--format', 'parquet', '--output', path, ...place.flags];
    expect(await runCommand(args)).toEqual({ code: 0, stdout: '', stderr: '' });
    const newestFirst = [...place.records].sort((one, other) => +other.date - +one.date);
    expect(await rowsOf(await readFile(path))).toEqual(newestFirst.map(wanted));
  });

  it('writes any number of records in groups, with little memory', async () => {
    const records = Array.from({ length: 25_001 }, (_, at) => makeRecord({ contentLength: at }));
    const given = (async function* () {
      yield* records;
    })();
    const parts: Uint8Array[] = [];
    for await (const part of (await exportFormats.parquet())(given)) parts.push(part as Uint8Array);
    // Each part is written when its group is whole.
    expect(parts).toHaveLength(3);
    const bytes = Buffer.concat(parts);
    const { row_groups: groups } = parquetMetadata(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    );
    expect(groups.map(({ num_rows: rows }) => Number(rows))).toEqual([10_000, 10_000, 5001]);
    expect(await rowsOf(bytes)).toEqual(records.map(wanted));
  });

  it('writes a file without records, and leaves none where it fails', async () => {
    const path = `${folder.path}/none.parquet`;
    const args = ['export', '--format', 'parquet', '--output', path];
    await runCommand([...args, '--where', 'username=nobody', ...place.flags]);
    expect(await rowsOf(await readFile(path))).toEqual([]);
    const failed = await runCommand([...args.slice(0, -1), `${folder.path}/no/x`, ...place.flags]);
    expect(failed.code).toBe(3);
    await expect(stat(`${folder.path}/no/x.partial`)).rejects.toThrow('ENOENT');
  });
});
