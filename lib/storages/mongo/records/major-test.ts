import type { RecordPath } from '../../../record/index.js';
import { MAJOR_ENDS } from '../../../summary/index.js';
import type { Test } from '../../base/query/condition.js';
import type { MongoDocument } from '../connection/shapes.js';
import { textExpression } from './expression-tests.js';

const ENDS = ['', ...MAJOR_ENDS];

/**
 * A filter by a browser and what its version begins with, up to a dot or a space: `Chrome 126`.
 *
 * @returns null for a test that MongoDB cannot say.
 */
export function majorTest(
  browser: RecordPath,
  version: RecordPath,
  test: Test,
): MongoDocument | null {
  if (test.op !== 'in') return null;
  const text = { $ifNull: [`$${version}`, ''] };
  const ends = (at: number) => ({
    $expr: { $in: [{ $substrCP: [text, at, 1] }, { $literal: ENDS }] },
  });
  const any = test.values.flatMap((value): MongoDocument[] => {
    if (value === null) return [{ [browser]: { $eq: null } }];
    const given = value as string;
    const space = given.lastIndexOf(' ');
    const major = given.slice(space + 1);
    const alone = { $and: [{ [browser]: { $eq: given } }, ends(0)] };
    if (space < 0 || major === '' || [...MAJOR_ENDS].some((end) => major.includes(end)))
      return [alone];
    const begins = { $expr: textExpression(text, { op: 'startsWith', value: major }) };
    const name = { [browser]: { $eq: given.slice(0, space) } };
    return [alone, { $and: [name, begins, ends([...major].length)] }];
  });
  if (any.length === 0) return test.isNegated ? {} : { $nor: [{}] };
  return test.isNegated ? { $nor: any } : { $or: any };
}
