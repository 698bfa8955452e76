import { expect, test } from 'vitest';
import { importText } from '../../../lib/command/import/import-text.js';

const DONE = {
  ...{ read: 1234, stored: 1200, excluded: 3, outside: 21, rejected: 10 },
  rejectedLines: [{ kind: 'rejected', place: 'a.log:7', text: '\u001b[2J', reason: 'no' } as const],
  failures: [],
};
const terminal = {
  isInteractive: false,
  ...{ columns: Infinity, rows: Infinity },
  style: (_: string, text: string) => text,
};

test('what an import has done is said in numbers that add up, and nothing reaches the terminal raw', () => {
  expect(importText(DONE, terminal)).toBe(
    '1,234 read: 1,200 stored, 21 outside the range, 3 left out by excludeBots or anonymize, ' +
      '10 not to be read.\n' +
      '  a.log:7: no: \\u001b[2J\n' +
      '  and 9 more: --rejected FILE takes all of them.\n',
  );
});

test('a table shows where the sums of Flask-Track-Usage differ from its records', () => {
  const sum = {
    dimension: 'url',
    period: 'daily',
    date: '2026-01-31 00:00:00',
    key: 'http://shop.example/',
    hits: 5,
    transfer: 24,
    counted: { hits: 1, transfer: 0 },
  } as const;
  const text = importText({ ...DONE, originalSums: 50, differingSums: [sum] }, terminal);
  const lines = text.split('\n').slice(3, -1);
  expect(lines.map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
    '1 of 50 sums of Flask-Track-Usage differ from its records, which count:',
    'sum  from  key  its hits  records  its bytes  records',
    'url, daily  2026-01-31 00:00:00  http://shop.example/  5  1  24 B  0 B',
  ]);
  const many = Array.from({ length: 22 }, () => sum);
  const cut = importText({ ...DONE, originalSums: 50, differingSums: many }, terminal);
  expect(cut).toContain('and 2 more: --json prints all.');
  const same = importText({ ...DONE, originalSums: 50, differingSums: [] }, terminal);
  expect(same).toContain('All 50 sums of Flask-Track-Usage are what its records add up to.');
});
