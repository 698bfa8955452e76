import { listedTexts } from '../../base/query/listed-texts.js';
import { COMPARISONS, type Bind, type FilterTerms, type Part } from './filter-terms.js';

import { textTest } from './value-tests.js';

// MySQL and MariaDB read the escapes and wildcards in paths differently.
const SIMPLE_NAME = /^[\p{L}\p{N}_ -]+$/u;
const PRINTABLE = /^[\x21-\x7e]+$/;
const NUMBERS = ['INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL'];

/** MySQL and MariaDB. The collation compares text by bytes, without padding it. */
export function mysqlFilters(collation: string): FilterTerms {
  const exact = (text: string) => `convert(${text} using utf8mb4) collate ${collation}`;
  const terms: Omit<FilterTerms, 'json' | 'jsonText'> = {
    always: 'true',
    never: 'false',
    ordered: (text) => text,
    isId: (text) => PRINTABLE.test(text),
    idText: exact,
    startsWith: (text, beginning) =>
      `left(${text()}, char_length(${beginning()})) = ${beginning()}`,
    contains: (text, part) => `locate(${part()}, ${text()}) > 0`,
    before: (text, mark) => `substring_index(${text}, '${mark}', 1)`,
    concat: (...parts) => `concat(${parts.join(', ')})`,
    characterAt: (text, position) => `substr(${text}, ${position}, 1)`,
  };
  return {
    ...terms,

    jsonText: (column, keys, bind) => (isSimple(keys) ? exact(valueAt(column, keys, bind)) : null),

    json(column, keys, test, bind) {
      if (!isSimple(keys)) return { sql: terms.always, isExact: false };
      const value = () => valueAt(column, keys, bind);
      const text = () => `(${exact(`json_unquote(${value()})`)})`;
      const number = () => `(${value()} + 0e0)`;
      // Evaluated in the order of the text, as values are bound in it.
      const byType = (ofNumber: Part, ofString: Part, ofBoolean: Part, otherwise: string) =>
        `case json_type(${value()}) when 'STRING' then ${ofString()} ` +
        `when 'BOOLEAN' then ${ofBoolean()} ` +
        `${NUMBERS.map((type) => `when '${type}' then ${ofNumber()}`).join(' ')} ` +
        `else ${otherwise} end`;
      if (test.op === 'in') {
        const { texts, numbers, booleans, hasNull } = listedTexts(test);
        const among = (
          part: Part,
          of: readonly (string | number)[],
          each: (bound: string) => string,
        ) =>
          of.length === 0
            ? terms.never
            : `${part()} in (${of.map((one) => each(bind(one))).join(', ')})`;
        const as = (bound: string) => bound;
        const sql = byType(
          () => among(number, numbers, (bound) => `${bound} + 0e0`),
          () => among(text, texts, as),
          () => among(text, booleans, as),
          hasNull ? terms.always : terms.never,
        );
        return { sql: test.isNegated ? `not (${sql})` : `(${sql})`, isExact: true };
      }
      const scalar = () => textTest(terms, text, test, bind);
      const isNumber = typeof test.value === 'number';
      const compared = () =>
        `${number()} ${COMPARISONS[test.op as keyof typeof COMPARISONS]} ${bind(test.value as number)} + 0e0`;
      const sql = byType(isNumber ? compared : () => terms.always, scalar, scalar, terms.never);
      return { sql: `(${sql})`, isExact: isNumber };
    },
  };
}

function isSimple(keys: readonly string[]): boolean {
  return keys.every((key) => SIMPLE_NAME.test(key));
}

function valueAt(column: string, keys: readonly string[], bind: Bind): string {
  return `json_extract(${column}, ${bind(`$${keys.map((key) => `."${key}"`).join('')}`)})`;
}
