import type { RecordPath } from '../../../record/index.js';
import type { Test } from '../../base/query/condition.js';
import { listedTexts } from '../../base/query/listed-texts.js';
import { plainTest } from '../../base/query/matches.js';
import type { MongoDocument } from '../connection/shapes.js';
import type { Match } from './match.js';
import { literal, textExpression } from './expression-tests.js';
import { isPlainName } from './record-mapper.js';

const NUMBERS = ['int', 'long', 'double', 'decimal'];

/**
 * A filter by what stands at a path into a JSON field. The field may hold JSON as text, which the
 * server cannot look into.
 */
export function jsonTest(field: RecordPath, keys: readonly string[], test: Test): Match {
  // A document that holds JSON as it is has no other names.
  const isPlain = keys.every(isPlainName);
  const value = isPlain ? `$${[field, ...keys].join('.')}` : null;
  const isExact = value === null || test.op === 'in' || typeof test.value === 'number';
  const expression = value === null ? plainTest(test)(null) : valueExpression(value, test);
  return {
    filter: { $or: [{ [field]: { $type: 'string' } }, { $expr: expression }] },
    isExact,
    jsonField: field,
  };
}

function valueExpression(value: string, test: Test): MongoDocument {
  const type = { $type: value };
  if (test.op === 'in') {
    const { texts, numbers, booleans, hasNull } = listedTexts(test);
    const given = [...texts, ...numbers, ...booleans.map((each) => each === 'true')];
    const isNull = { $in: [type, ['missing', 'undefined', 'null', 'object', 'array']] };
    const any = [{ $in: [value, literal(given)] }, ...(hasNull ? [isNull] : [])];
    return test.isNegated ? { $not: [{ $or: any }] } : { $or: any };
  }
  const ofText = (text: unknown) =>
    test.op === 'startsWith' || test.op === 'contains'
      ? textExpression(text, test)
      : { [`$${test.op}`]: [text, literal(String(test.value))] };
  // The server writes some numbers in another way than JSON does.
  const ofNumber =
    typeof test.value === 'number' ? { [`$${test.op}`]: [value, literal(test.value)] } : true;
  return {
    $switch: {
      branches: [
        { case: { $eq: [type, 'string'] }, then: ofText(value) },
        { case: { $eq: [type, 'bool'] }, then: ofText({ $cond: [value, 'true', 'false'] }) },
        { case: { $in: [type, NUMBERS] }, then: ofNumber },
      ],
      default: false,
    },
  };
}
