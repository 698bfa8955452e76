import type { UsageRecord } from '../../../record/index.js';
import { compareKeys } from '../../../summary/index.js';
import { operandReader, type Condition, type Operand, type Test, type Value } from './condition.js';
import { isRoute, routeForm } from './route-form.js';

/**
 * A function that tells whether a record meets all conditions. It says what a filter means: what
 * databases compute has to agree with it.
 */
export function matches(conditions: readonly Condition[]): (record: UsageRecord) => boolean {
  const checks = conditions.map(({ operand, test }) => {
    const read = operandReader(operand);
    const meets = valueTest(operand, test);
    return (record: UsageRecord) => meets(read(record));
  });
  return (record) => checks.every((check) => check(record));
}

/** A function that tells whether a value of the operand passes the test. */
export function valueTest(operand: Operand, test: Test): (value: Value) => boolean {
  return operand.kind === 'dimension' && operand.dimension.name === 'route'
    ? routeTest(test)
    : plainTest(test, operand.kind === 'path' ? asText : undefined);
}

/** The text of a value at a path: numbers and booleans are as JSON writes them. */
export function asText(value: Value): string | null {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}

/** The test of a value, whatever operand it is of. */
export function plainTest(
  test: Test,
  read = (value: Value): Value => value,
): (value: Value) => boolean {
  if (test.op === 'in') {
    const values = new Set(test.values.map(read));
    return (value) => values.has(read(value)) !== test.isNegated;
  }
  const { op, value: bound } = test;
  switch (op) {
    case 'startsWith':
      return (value) => asText(value)?.startsWith(bound) ?? false;
    case 'contains':
      return (value) => asText(value)?.includes(bound) ?? false;
    default:
      return (value) => value !== null && meets(op, order(value, bound));
  }
}

function meets(op: 'gt' | 'gte' | 'lt' | 'lte', order: number): boolean {
  switch (op) {
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
  }
}

function order(value: NonNullable<Value>, bound: NonNullable<Value>): number {
  if (typeof value === 'number' && typeof bound === 'number') return value - bound;
  return compareKeys(asText(value)!, asText(bound)!);
}

/** Tests `GET /cats/:id` for what is given with or without a method. */
function routeTest(test: Test): (value: Value) => boolean {
  const bare = (value: Value) => (value as string).slice((value as string).indexOf(' ') + 1);
  if (test.op === 'in') {
    const given = test.values.filter((value) => value !== null) as string[];
    const routes = new Set(given.filter((text) => routeForm(text).method === null));
    const whole = new Set(given.filter((text) => routeForm(text).method !== null));
    const hasNull = given.length < test.values.length;
    const isIn = (value: Value) =>
      value === null ? hasNull : whole.has(value as string) || routes.has(bare(value));
    return (value) => isIn(value) !== test.isNegated;
  }
  const check = plainTest(test);
  const isBare = test.op !== 'contains' && isRoute(test.value);
  return (value) => value !== null && check(isBare ? bare(value) : value);
}
