import { FIELD_BY_PATH, RECORD_FIELDS } from '../../../record/index.js';
import { pathKeys, REPORT_DIMENSIONS, type ReportDimension } from '../../../summary/index.js';
import { nearestName } from '../../../support/nearest-name.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';
import type { Condition, Operand, PathField, Test, Value } from './condition.js';
import { hint, isPlainObject, unknownField } from './known-fields.js';
import { isStorable, TEXT, valueKind, type ValueKind } from './value-kind.js';

/** The most values in one list: a database takes no list of any length. */
const MAX_VALUES = 1000;

const ORDERED = ['gt', 'gte', 'lt', 'lte'] as const;
const OF_TEXT = ['startsWith', 'contains'] as const;
const OPERATORS: readonly string[] = ['not', 'in', 'notIn', ...ORDERED, ...OF_TEXT];

const PATH = /^(trackVar|viewArgs|urlArgs)\.(.+)$/s;

/** The names that `where` takes, without paths. */
const NAMES: readonly string[] = [
  ...new Set([
    ...REPORT_DIMENSIONS.keys(),
    ...RECORD_FIELDS.filter(({ kind }) => kind !== 'json').map(({ path }) => path),
  ]),
];
const ALL_NAMES = [...NAMES, 'trackVar.<name>', 'viewArgs.<name>', 'urlArgs.<name>'];

/** Finds the dimension of the name of a summary that the storage keeps. */
export type FindSummary = (name: string) => ReportDimension | undefined;

/**
 * Checks what the caller gave as `where`.
 *
 * @param findSummary Default: the storage keeps no summaries of the application's own.
 * @throws {UsageQueryError} if a name is unknown, or an operator or a value does not fit it.
 */
export function parseWhere(
  where: unknown,
  findSummary: FindSummary = () => undefined,
): readonly Condition[] {
  if (where === undefined) return [];
  if (!isPlainObject(where))
    throw new UsageQueryError('where', where, "an object such as { route: '/cats' }");
  return Object.entries(where).flatMap(([name, given]) => {
    if (given === undefined) return [];
    const operand = operandOf(name, given, findSummary);
    return testsOf(`where.${name}`, given, valueKind(operand)).map((test) => ({ operand, test }));
  });
}

function operandOf(name: string, given: unknown, findSummary: FindSummary): Operand {
  const [, field, path] = PATH.exec(name) ?? [];
  if (field !== undefined) {
    // The arguments of requests are flat, so a dot in their names is a part of these.
    const keys = field === 'trackVar' ? pathKeys(path!) : [path!];
    if (keys?.every(isStorable)) return { kind: 'path', field: field as PathField, keys };
  }
  const dimension = REPORT_DIMENSIONS.get(name);
  if (dimension) return { kind: 'dimension', dimension };
  const plain = FIELD_BY_PATH.get(name);
  if (plain && plain.kind !== 'json') return { kind: 'field', field: plain };
  const own = findSummary(name);
  if (own) return { kind: 'dimension', dimension: own };
  throw unknownField(`where.${name}`, name, given, ALL_NAMES);
}

function testsOf(name: string, given: unknown, kind: ValueKind): Test[] {
  if (Array.isArray(given)) return [among(name, given, kind, false)];
  if (!isPlainObject(given)) return [among(name, [given], kind, false)];
  const operators = Object.entries(given);
  if (operators.length === 0) throw wrong(name, given, kind);
  return operators.flatMap(([op, value]): Test[] => {
    if (!OPERATORS.includes(op)) throw wrong(name, given, kind, op);
    return value === undefined ? [] : [testOf(`${name}.${op}`, op, value, kind)];
  });
}

function testOf(name: string, op: string, value: unknown, kind: ValueKind): Test {
  switch (op) {
    case 'not':
      return among(name, [value], kind, true);
    case 'in':
    case 'notIn':
      if (Array.isArray(value)) return among(name, value, kind, op === 'notIn');
      throw new UsageQueryError(name, value, 'a list of values');
    case 'startsWith':
    case 'contains':
      if (!kind.isText) throw unfit(name, value, kind, op);
      if (isStorable(value)) return { op, value };
      throw new UsageQueryError(name, value, TEXT.expected);
    default: {
      if (!kind.isOrdered) throw unfit(name, value, kind, op);
      const bound = kind.read(value);
      if (bound === undefined || bound === null)
        throw new UsageQueryError(name, value, kind.expected);
      return { op: op as (typeof ORDERED)[number], value: bound };
    }
  }
}

function among(name: string, given: unknown[], kind: ValueKind, isNegated: boolean): Test {
  if (given.length > MAX_VALUES)
    throw new UsageQueryError(name, given.length, `at most ${MAX_VALUES} values`);
  const values = given.map((each): Value => {
    if (each === null && kind.isNullable) return null;
    const value = kind.read(each);
    if (value === undefined) throw wrong(name, each, kind);
    return value;
  });
  return { op: 'in', values, isNegated };
}

function wrong(name: string, given: unknown, kind: ValueKind, op = ''): UsageQueryError {
  const value = kind.isNullable ? `${kind.expected}, or null` : kind.expected;
  const also = isPlainObject(given)
    ? `, a list of such values, or operators: ${OPERATORS.join(', ')}${hint(op, OPERATORS)}`
    : '';
  return new UsageQueryError(name, given, value + also);
}

function unfit(name: string, given: unknown, kind: ValueKind, op: string): UsageQueryError {
  const ordered = kind.isOrdered ? ORDERED : [];
  const allowed = ['not', 'in', 'notIn', ...ordered, ...(kind.isText ? OF_TEXT : [])];
  const nearest = nearestName(op, allowed);
  return new UsageQueryError(
    name,
    given,
    `one of the operators ${allowed.join(', ')} for ${kind.expected}` +
      (nearest === undefined ? '' : ` (did you mean ${nearest}?)`),
  );
}
