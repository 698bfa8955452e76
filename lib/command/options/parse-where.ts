import { FIELD_BY_PATH } from '../../record/index.js';
import type { UsageWhere } from '../../storages/contract/usage-where.js';
import { REPORT_DIMENSIONS } from '../../summary/index.js';
import { CommandUsageError } from '../usage-error.js';

const CONDITION = /^([^=!<>^*]+?)\s*(!=|>=|<=|\^=|\*=|=|>|<)(.*)$/s;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

const OPERATORS: Readonly<Record<string, string>> = {
  '=': 'in',
  '!=': 'notIn',
  '>': 'gt',
  '>=': 'gte',
  '<': 'lt',
  '<=': 'lte',
  '^=': 'startsWith',
  '*=': 'contains',
};

type Value = string | number | boolean | Date | null;

/**
 * The filter that `--where` gives, one text for each condition: `status>=500`. All of them hold; of
 * one field, several `=` mean any of their values, and several `!=` none of them.
 *
 * @throws {CommandUsageError} if a text is no condition, or a value is none of its field.
 */
export function parseWhereFlags(given: readonly string[] = []): UsageWhere {
  const where: Record<string, Record<string, unknown>> = {};
  for (const text of given) {
    const [, name, sign, rest] = CONDITION.exec(text) ?? [];
    if (name === undefined || sign === undefined || rest === undefined)
      throw new CommandUsageError(
        `--where: expected FIELD=VALUE with one of the signs ${Object.keys(OPERATORS).join(' ')}, ` +
          `such as status>=500, but got ${JSON.stringify(text)}.` +
          (/^\w+$/.test(text) ? ' A condition with < or > needs quotation marks in a shell.' : ''),
      );
    const operator = OPERATORS[sign]!;
    const value = valueOf(name, sign, rest, text);
    const conditions = (where[name] ??= {});
    if (operator === 'in' || operator === 'notIn')
      conditions[operator] = [...((conditions[operator] as Value[] | undefined) ?? []), value];
    else if (operator in conditions)
      throw new CommandUsageError(
        `--where: ${name}${sign} is given twice; the one that says more is enough.`,
      );
    else conditions[operator] = value;
  }
  return where;
}

function valueOf(name: string, sign: string, text: string, shown: string): Value {
  if (text === '') {
    if (sign === '=' || sign === '!=') return null;
    throw new CommandUsageError(`--where: ${shown} has no value to compare with.`);
  }
  // Nothing else than text begins or contains: `trackVar.plan^=5`.
  const kind = sign === '^=' || sign === '*=' ? 'text' : kindOf(name);
  switch (kind) {
    case 'number':
      if (NUMBER.test(text)) return Number(text);
      throw wrongValue(shown, 'a number', text);
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      throw wrongValue(shown, 'true or false', text);
    case 'date': {
      const date = new Date(text);
      if (!Number.isNaN(date.getTime())) return date;
      throw wrongValue(shown, 'a date such as 2026-11-01T12:00:00Z', text);
    }
    case 'json':
      return NUMBER.test(text) ? Number(text) : text;
    default:
      return text;
  }
}

/** What the values of a field are. Unknown fields are told by the query itself. */
function kindOf(name: string): 'text' | 'number' | 'boolean' | 'date' | 'json' {
  if (/^(trackVar|viewArgs|urlArgs)\./.test(name)) return 'json';
  const dimension = REPORT_DIMENSIONS.get(name);
  if (dimension) return dimension.kind;
  switch (FIELD_BY_PATH.get(name)?.kind) {
    case 'instant':
      return 'date';
    case 'flag':
      return 'boolean';
    case 'integer':
    case 'bigInteger':
    case 'microseconds':
    case 'real':
      return 'number';
    default:
      return 'text';
  }
}

function wrongValue(shown: string, expected: string, given: string): CommandUsageError {
  return new CommandUsageError(
    `--where ${shown}: expected ${expected}, but got ${JSON.stringify(given)}.`,
  );
}
