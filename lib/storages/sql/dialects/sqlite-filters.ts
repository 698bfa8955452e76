import { COMPARISONS, type FilterTerms } from './filter-terms.js';
import { textTest } from './value-tests.js';

// Names that JSON writes without escapes, so that a path finds them in all versions.
// eslint-disable-next-line no-control-regex -- JSON escapes these.
const SIMPLE_NAME = /^[^"\\\u0000-\u001f\ud800-\udfff]+$/u;

const TEXT: Omit<FilterTerms, 'json' | 'jsonText'> = {
  always: '1 = 1',
  never: '1 = 0',
  ordered: (text) => text,
  isId: () => true,
  idText: (column) => column,
  startsWith: (text, beginning) => `substr(${text()}, 1, length(${beginning()})) = ${beginning()}`,
  contains: (text, part) => `instr(${text()}, ${part()}) > 0`,
  before: (text, mark) =>
    `case instr(${text}, '${mark}') when 0 then ${text} ` +
    `else substr(${text}, 1, instr(${text}, '${mark}') - 1) end`,
  concat: (...parts) => `(${parts.join(' || ')})`,
  characterAt: (text, position) => `substr(${text}, ${position}, 1)`,
};

/**
 * SQLite. The columns compare text by bytes. The operator `->` gives a number as it stands in the
 * JSON text, which is as JavaScript wrote it.
 */
export const sqliteFilters: FilterTerms = {
  ...TEXT,

  jsonText: (column, keys, bind) =>
    isSimple(keys) ? `(${column} -> ${bind(pathOf(keys))})` : null,

  json(column, keys, test, bind) {
    if (!isSimple(keys)) return { sql: TEXT.always, isExact: false };
    const path = () => bind(pathOf(keys));
    const text = () =>
      `(case json_type(${column}, ${path()}) when 'text' then json_extract(${column}, ${path()}) ` +
      `when 'integer' then ${column} -> ${path()} when 'real' then ${column} -> ${path()} ` +
      `when 'true' then 'true' when 'false' then 'false' end)`;
    if (!('value' in test) || typeof test.value !== 'number')
      return { sql: `(${textTest(TEXT, text, test, bind)})`, isExact: true };
    const comparison = COMPARISONS[test.op as keyof typeof COMPARISONS];
    const { value } = test;
    const number = () =>
      `cast(json_extract(${column}, ${path()}) as real) ${comparison} ${bind(value)}`;
    return {
      sql:
        `case when json_type(${column}, ${path()}) in ('integer', 'real') then ${number()} ` +
        `else ${text()} ${comparison} ${bind(String(value))} end`,
      isExact: true,
    };
  },
};

function isSimple(keys: readonly string[]): boolean {
  return keys.every((key) => SIMPLE_NAME.test(key));
}

function pathOf(keys: readonly string[]): string {
  return `$${keys.map((key) => `."${key}"`).join('')}`;
}
