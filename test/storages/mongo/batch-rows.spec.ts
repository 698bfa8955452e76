import { makeRecords } from 'nestjs-track-usage/testing';
import { sumStatuses, sumUrls } from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { rowsOf, rowsText } from '../../../lib/storages/mongo/batches/batch-rows.js';
import { Summarizer } from '../../../lib/summary/index.js';

const ROWS = new Summarizer({
  summaries: [sumUrls, sumStatuses],
  timeZone: 'UTC',
  onKeyError() {},
}).summarize(makeRecords(40, (index) => ({ status: index % 3 === 0 ? 404 : 200 })));

type Run = [string, string, number, unknown[][], { columns: string[] }?];

/** A text as another version may write it. */
function changed(change: (run: Run) => unknown): string {
  return JSON.stringify((JSON.parse(rowsText(ROWS)) as Run[]).map(change));
}

const known = ({ unhandled, ...row }: (typeof ROWS)[number]) => row;

describe('What a committed batch adds', () => {
  it('is read as it was written', () => {
    expect(rowsOf(rowsText(ROWS)).map(known)).toEqual(ROWS.map(known));
    expect(rowsOf(rowsText([]))).toEqual([]);
  });

  it('is read where version 0.1.0 has written it, which knows fewer measures', () => {
    const text = changed(([dimension, period, bucket, rows]) => [
      dimension,
      period,
      bucket,
      rows.map((row) => row.slice(0, 6)),
    ]);
    const unknown = { measured: 0, refused: 0, aborted: 0 };
    expect(rowsOf(text).map(known)).toEqual(
      ROWS.map((row) => ({
        ...known(row),
        ...unknown,
        firstSeen: Infinity,
        lastSeen: -Infinity,
      })),
    );
  });

  it('is read where a newer version has written more, or in another order', () => {
    const text = changed(([dimension, period, bucket, rows, header]) => [
      dimension,
      period,
      bucket,
      rows.map(([key, hits, ...rest]) => [key, hits, ...rest.slice(0, 4), 7, ...rest.slice(4)]),
      header && {
        version: 3,
        columns: [...header.columns.slice(0, 6), 'later', ...header.columns.slice(6)],
      },
    ]);
    expect(rowsOf(text).map(known)).toEqual(ROWS.map(known));
  });
});
