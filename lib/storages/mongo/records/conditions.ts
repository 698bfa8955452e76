import { FIELD_BY_PATH, type RecordField, type RecordPath } from '../../../record/index.js';
import type { Expression, FieldIn } from '../../../summary/index.js';
import { expressionOf, type Condition, type Test, type Value } from '../../base/query/condition.js';
import { plainTest, valueTest } from '../../base/query/matches.js';
import { isRoute, routeForm } from '../../base/query/route-form.js';
import type { MongoDocument } from '../connection/shapes.js';
import { expressionTest, textExpression } from './expression-tests.js';
import { jsonTest } from './json-tests.js';
import { majorTest } from './major-test.js';
import type { Match } from './match.js';

/** Matches every document, and none. */
export const ALWAYS: MongoDocument = {};
export const NEVER: MongoDocument = { $nor: [{}] };

/** Translates a condition. A value from outside is a literal or stands after an operator. */
export function matchOf({ operand, test }: Condition): Match {
  const expression = expressionOf(operand);
  const match = (filter: MongoDocument, isExact = true) => ({ filter, isExact, jsonField: null });
  if (expression === null) {
    const field = operand.kind === 'dimension' ? (operand.dimension.fields[0] ?? null) : null;
    const isNull = field === null || valueTest(operand, test)(null);
    return match(isNull ? ALWAYS : { [field]: { $ne: null } }, false);
  }
  if ('column' in expression) return match(fieldTest(FIELD_BY_PATH.get(expression.column)!, test));
  if ('concat' in expression) return match(routeTest(test));
  if ('anyOf' in expression) return match(anyTest(expression.anyOf, test));
  if ('statusClass' in expression) return match(classTest(expression.statusClass, test));
  if ('json' in expression) return jsonTest(expression.json, expression.keys, test);
  if ('withMajor' in expression) {
    const filter = majorTest(expression.withMajor, expression.of, test);
    return filter ? match(filter) : match({ [expression.withMajor]: { $ne: null } }, false);
  }
  return match(expressionTest(valueOf(expression), test));
}

function valueOf(
  expression: Extract<Expression, { before: unknown } | { withSuffix: unknown }>,
): unknown {
  if ('before' in expression)
    return { $arrayElemAt: [{ $split: [`$${expression.of}`, expression.before] }, 0] };
  const [first, second] = [`$${expression.withSuffix}`, `$${expression.of}`];
  return {
    $cond: [{ $eq: [{ $ifNull: [second, ''] }, ''] }, first, { $concat: [first, ' ', second] }],
  };
}

function fieldTest(field: RecordField, test: Test): MongoDocument {
  const name = field.kind === 'id' ? '_id' : field.path;
  const stored = (value: Value) =>
    field.kind === 'instant' && value !== null ? new Date(value as number) : value;
  switch (test.op) {
    case 'in': {
      const values = test.values.map(stored);
      if (values.length === 1) return { [name]: { [test.isNegated ? '$ne' : '$eq']: values[0] } };
      return { [name]: { [test.isNegated ? '$nin' : '$in']: values } };
    }
    case 'startsWith':
    case 'contains':
      return { $expr: textExpression(`$${name}`, test) };
    default:
      return { [name]: { [`$${test.op}`]: stored(test.value) } };
  }
}

/** `/cats` is compared with the route, `GET /cats` with the method and the route. */
function routeTest(test: Test): MongoDocument {
  if (test.op !== 'in') {
    if (test.op !== 'contains' && isRoute(test.value))
      return fieldTest(FIELD_BY_PATH.get('route')!, test);
    return expressionTest({ $concat: ['$method', ' ', '$route'] }, test);
  }
  const any: MongoDocument[] = [];
  if (test.values.includes(null)) any.push({ route: { $eq: null } });
  for (const value of test.values) {
    if (value === null) continue;
    const { method, route } = routeForm(value as string);
    any.push({ route: { $eq: route }, ...(method !== null && { method: { $eq: method } }) });
  }
  if (any.length === 0) return test.isNegated ? ALWAYS : NEVER;
  return test.isNegated ? { $nor: any } : any.length === 1 ? any[0]! : { $or: any };
}

/** Whether one of some lists of conditions holds. */
function anyTest(lists: readonly (readonly FieldIn[])[], test: Test): MongoDocument {
  const [takesTrue, takesFalse] = [true, false].map(plainTest(test));
  if (takesTrue === takesFalse) return takesTrue ? ALWAYS : NEVER;
  const any = lists.map((list) =>
    Object.fromEntries(list.map(({ field, values }) => [field, { $in: values }])),
  );
  if (any.length === 0) return takesTrue ? NEVER : ALWAYS;
  return { [takesTrue ? '$or' : '$nor']: any };
}

function classTest(path: RecordPath, test: Test): MongoDocument {
  const passes = plainTest(test);
  const any: MongoDocument[] = [];
  for (let each = 1; each <= 9; each++)
    if (passes(`${each}xx`)) any.push({ [path]: { $gte: each * 100, $lt: (each + 1) * 100 } });
  if (passes(null)) any.push({ [path]: { $lt: 100 } }, { [path]: { $gte: 1000 } });
  return any.length === 0 ? NEVER : { $or: any };
}
