import type { Test } from '../../base/query/condition.js';
import type { MongoDocument } from '../connection/shapes.js';

/** A value that is never read as an operator or as the path of a field. */
export function literal(value: unknown): MongoDocument {
  return { $literal: value };
}

/** Whether a text begins with another or contains it. Null does neither. */
export function textExpression(
  text: unknown,
  { op, value }: Extract<Test, { op: 'startsWith' | 'contains' }>,
): MongoDocument {
  const at = { $indexOfBytes: [text, literal(value)] };
  return op === 'startsWith' ? { $eq: [at, 0] } : { $gte: [at, 0] };
}

/** A filter by the value of an expression that gives text or null. */
export function expressionTest(expression: unknown, test: Test): MongoDocument {
  const value = { $ifNull: [expression, null] };
  switch (test.op) {
    case 'in': {
      const isIn = { $in: [value, literal(test.values)] };
      return { $expr: test.isNegated ? { $not: [isIn] } : isIn };
    }
    case 'startsWith':
    case 'contains':
      return { $expr: textExpression(value, test) };
    default:
      // Null is less than any text.
      return {
        $expr: {
          $and: [{ $ne: [value, null] }, { [`$${test.op}`]: [value, literal(test.value)] }],
        },
      };
  }
}
