import fc from 'fast-check';
import { makeRecords } from 'nestjs-track-usage/testing';
import { sumStatuses, sumUrls } from 'nestjs-track-usage';
import { expect, it } from 'vitest';
import { sumIncrements } from '../../../lib/storages/sql/summaries/sum-mapper.js';
import {
  packIncrements,
  unpackIncrements,
} from '../../../lib/storages/sql/threads/packed-increments.js';
import {
  PackedRowList,
  packRows,
  unpackRows,
} from '../../../lib/storages/sql/threads/packed-rows.js';
import { MEASURES, Summarizer } from '../../../lib/summary/index.js';

const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('GET', ''),
  fc.double({ noNaN: true }),
  fc.maxSafeInteger(),
  fc.constant(null),
);
const rows = fc
  .integer({ min: 1, max: 5 })
  .chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width })));

it('rows that were packed for another thread are there what they were', () => {
  fc.assert(
    fc.property(rows, (given) => {
      expect(unpackRows(structuredClone(packRows(given)))).toEqual(given);
    }),
  );
});

it('rows that are read one after the other lack only the columns that are null in all of them', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const list = new PackedRowList(structuredClone(packRows(given)));
      const whole = [...list].map(() => [] as unknown[]);
      let at = 0;
      for (const row of list) {
        whole[at] = given[0]!.map(() => null);
        for (const [index, position] of list.filled.entries()) whole[at]![position] = row[index];
        at++;
      }
      expect(list.length).toBe(given.length);
      expect(whole).toEqual(given);
    }),
  );
});

it('increments that were packed for another thread are there what they were', () => {
  const summarizer = new Summarizer({ summaries: [sumUrls, sumStatuses], timeZone: 'UTC' });
  const made = makeRecords(40, (index) => ({
    status: index % 3 === 0 ? 404 : 200,
    handler: index % 2 === 0 ? null : 'find',
  }));
  // Each measure has a number of its own.
  const given = sumIncrements(summarizer.summarize(made)).map((increment, at) => ({
    ...increment,
    ...Object.fromEntries(MEASURES.map(({ name }, index) => [name, 100 * at + index])),
  }));
  const unknown = { ...given[0]!, firstSeen: Infinity, lastSeen: -Infinity };
  const all = [...given, unknown];
  expect(unpackIncrements(structuredClone(packIncrements(all)))).toEqual(all);
  expect(unpackIncrements(packIncrements([]))).toEqual([]);
});
