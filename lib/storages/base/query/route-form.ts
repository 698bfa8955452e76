import type { FieldIn } from '../../../summary/index.js';
import { equals, expressionOf, type Condition, type Test } from './condition.js';

/** A route in a filter: with its method, or without. */
export interface RouteForm {
  /** Null: any. */
  readonly method: string | null;
  readonly route: string;
}

/** `GET /cats/:id` names a method and a route, `/cats/:id` a route of any method. */
export function routeForm(text: string): RouteForm {
  // A method has no space. A route begins with a slash, and may have spaces.
  const space = text.startsWith('/') ? -1 : text.indexOf(' ');
  return space < 0
    ? { method: null, route: text }
    : { method: text.slice(0, space), route: text.slice(space + 1) };
}

/** Whether a bound or a beginning is one of a route without its method. */
export function isRoute(text: unknown): boolean {
  return String(text).startsWith('/');
}

/**
 * Says a condition that names one route by conditions on `method` and `route`, and says beside one
 * that names several lists of conditions which routes they are about.
 */
export function withSeparateRoutes(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.flatMap((condition) => {
    const { operand, test } = condition;
    const expression = expressionOf(operand);
    if (expression && 'anyOf' in expression)
      return isTrue(test) ? [...routesOf(expression.anyOf), condition] : [condition];
    if (operand.kind !== 'dimension' || operand.dimension.name !== 'route') return [condition];
    if (test.op !== 'in' || test.isNegated || test.values.length !== 1) return [condition];
    const [value] = test.values;
    if (value === null) return [equals('route', null)];
    const { method, route } = routeForm(value as string);
    return method === null
      ? [equals('route', route)]
      : [equals('method', method), equals('route', route)];
  });
}

function isTrue(test: Test): boolean {
  return test.op === 'in' && !test.isNegated && test.values.length === 1 && test.values[0] === true;
}

function routesOf(lists: readonly (readonly FieldIn[])[]): Condition[] {
  const named = lists.map((list) => list.find(({ field }) => field === 'route'));
  if (named.includes(undefined)) return [];
  const routes = new Set(named.flatMap((each) => each!.values as readonly string[]));
  const operand = equals('route', null).operand;
  return [{ operand, test: { op: 'in', values: [...routes], isNegated: false } }];
}
