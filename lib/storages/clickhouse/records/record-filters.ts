import type { RecordPath } from '../../../record/index.js';
import type { ParsedFilter } from '../../base/parse-usage-query.js';
import type { Condition, Test } from '../../base/query/condition.js';
import { listedTexts } from '../../base/query/listed-texts.js';
import type { RecordPlace } from '../../base/query/record-order.js';
import type { FilterTerms } from '../../sql/dialects/filter-terms.js';
import { columnName } from '../../sql/layout/record-columns.js';
import { ConditionCompiler } from '../../sql/records/conditions.js';
import { SqlBindings } from '../../sql/sql-statement.js';
import { FIELD_BY_PATH } from '../../../record/index.js';
import { literal, quoted } from '../format/clickhouse-text.js';

/** How ClickHouse says the conditions of filters. It compares text by bytes. */
const FILTERS: FilterTerms = {
  always: '1',
  never: '0',
  ordered: (text) => text,
  isId: () => true,
  idText: (column) => column,
  startsWith: (text, beginning) => `startsWith(${text()}, ${beginning()})`,
  contains: (text, part) => `position(${text()}, ${part()}) > 0`,
  before: (text, mark) => `splitByChar('${mark}', ${text})[1]`,
  concat: (...parts) => `concat(${parts.join(', ')})`,
  characterAt: (text, position) => `substringUTF8(${text}, ${position}, 1)`,
  jsonText: (column, keys, bind) =>
    `nullIf(JSONExtractRaw(assumeNotNull(${column}), ${keys.map((key) => bind(key)).join(', ')}), '')`,
  // What is no text is tested again: ClickHouse writes numbers in its own way.
  json(column, keys, test, bind) {
    const path = keys.map((key) => bind(key)).join(', ');
    const json = `assumeNotNull(${column})`;
    const type = `JSONType(${json}, ${path})`;
    const texts = textsOf(test);
    if (texts === null) return { sql: '1', isExact: false };
    const listed = texts.map((text) => bind(text)).join(', ');
    const isText = listed === '' ? '0' : `JSONExtractString(${json}, ${path}) IN (${listed})`;
    return { sql: `if(${type} = 'String', ${isText}, 1)`, isExact: false };
  },
};

function textsOf(test: Test): readonly string[] | null {
  return test.op === 'in' && !test.isNegated ? listedTexts(test).texts : null;
}

/** Writes values into the statement, as literals. */
export class Literals extends SqlBindings {
  constructor() {
    super({ placeholder: () => '' });
  }

  override add(value: string | number | null): string {
    return literal(value);
  }
}

/** The records' table, as statements with the alias `t` name it. */
export const RECORD_TABLE = {
  dialect: { filters: FILTERS, quote: quoted, placeholder: () => '' },
  column: (path: RecordPath) => quoted(columnName(FIELD_BY_PATH.get(path)!)),
};

const compiler = new ConditionCompiler(RECORD_TABLE);

/** The conditions by which the records that ClickHouse finds have to be tested again. */
export function restOf({ where }: Pick<ParsedFilter, 'where'>): readonly Condition[] {
  return compiler.rest(where);
}

/**
 * The condition that selects the records of a filter, with `WHERE`; empty if it selects all.
 *
 * @param after The place in the order of dates after which they come.
 */
export function whereOf(
  { start, end, where }: Pick<ParsedFilter, 'start' | 'end' | 'where'>,
  after: RecordPlace | null = null,
  isDescending = true,
): string {
  const terms = where.map((condition) => compiler.compile(condition, new Literals()).sql);
  if (start) terms.push(`t.date >= ${start.getTime()}`);
  if (end) terms.push(`t.date <= ${end.getTime()}`);
  if (after) {
    const [instant, id] = [after.date.getTime(), literal(after.id)];
    const than = isDescending ? '<' : '>';
    terms.push(`t.date ${than}= ${instant} AND (t.date ${than} ${instant} OR t.id ${than} ${id})`);
  }
  return terms.length === 0 ? '' : `WHERE ${terms.map((term) => `(${term})`).join(' AND ')}`;
}
