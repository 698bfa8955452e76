import { equals, type Condition } from './condition.js';

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

/** Says a condition that names one route by conditions on `method` and `route`. */
export function withSeparateRoutes(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.flatMap((condition) => {
    const { operand, test } = condition;
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
