import type { Test } from '../../base/query/condition.js';
import { listedTexts } from '../../base/query/listed-texts.js';
import { COMPARISONS, type Bind, type FilterTerms, type Part, type Term } from './filter-terms.js';

import { textTest } from './value-tests.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const TEXT: Omit<FilterTerms, 'json' | 'jsonText'> = {
  always: 'true',
  never: 'false',
  ordered: (text) => `${text} collate "C"`,
  isId: (text) => UUID.test(text),
  idText: (column) => `${column}::text`,
  startsWith: (text, beginning) => `starts_with(${text()}, ${beginning()}::text)`,
  contains: (text, part) => `strpos(${text()}, ${part()}::text) > 0`,
  before: (text, mark) => `split_part(${text}, '${mark}', 1)`,
  concat: (...parts) => `(${parts.join(' || ')})`,
  characterAt: (text, position) => `substr(${text}, ${position}, 1)`,
};

/** PostgreSQL, where JSON is `jsonb`. It writes numbers in its own way. */
export const postgresFilters: FilterTerms = {
  ...TEXT,

  jsonText: (column, keys, bind) => `${valueAt(column, keys, bind)}::text`,

  json(column, keys, test, bind) {
    const value = () => valueAt(column, keys, bind);
    return test.op === 'in' ? list(value, test, bind) : comparison(value, test, bind);
  },
};

function valueAt(column: string, keys: readonly string[], bind: Bind): string {
  return `(${[column, ...keys.map((key) => `${bind(key)}::text`)].join(' -> ')})`;
}

// Equality of `jsonb` is that of texts, numbers and booleans.
function list(value: Part, test: Extract<Test, { op: 'in' }>, bind: Bind): Term {
  const { texts, numbers, booleans, hasNull } = listedTexts(test);
  const given = [...texts.map((text) => JSON.stringify(text)), ...numbers.map(String), ...booleans];
  const parts: string[] = [];
  if (given.length > 0)
    parts.push(
      `coalesce(${value()} in (${given.map((each) => `${bind(each)}::jsonb`).join(', ')}), false)`,
    );
  if (hasNull)
    parts.push(`coalesce(jsonb_typeof(${value()}), 'null') in ('null', 'array', 'object')`);
  const sql = parts.length === 0 ? TEXT.never : `(${parts.join(' or ')})`;
  return { sql: test.isNegated ? `not ${sql}` : sql, isExact: true };
}

function comparison(value: Part, test: Exclude<Test, { op: 'in' }>, bind: Bind): Term {
  const text = () => `(${value()} #>> '{}')`;
  const isNumber = typeof test.value === 'number';
  const type = `case jsonb_typeof(${value()})`;
  const number = isNumber
    ? `${text()}::numeric ${COMPARISONS[test.op as keyof typeof COMPARISONS]} ${bind(String(test.value))}::numeric`
    : TEXT.always;
  const scalar = () => textTest(TEXT, text, test, bind);
  return {
    sql: `${type} when 'number' then ${number} when 'string' then ${scalar()} when 'boolean' then ${scalar()} else false end`,
    isExact: isNumber,
  };
}
