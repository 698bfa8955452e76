import type { Test } from '../../base/query/condition.js';
import { asText } from '../../base/query/matches.js';
import { COMPARISONS, type Bind, type FilterTerms, type Part } from './filter-terms.js';
import type { SqlValue } from './shapes.js';

type ListTest = Extract<Test, { op: 'in' }>;
type TextTerms = Pick<FilterTerms, 'always' | 'never' | 'ordered' | 'startsWith' | 'contains'>;

/** The condition that a text passes a test. */
export function textTest(terms: TextTerms, text: Part, test: Test, bind: Bind): string {
  switch (test.op) {
    case 'in':
      return listTest(
        terms,
        text,
        test.values.flatMap((value) => asText(value) ?? []),
        test,
        bind,
      );
    case 'startsWith':
      return terms.startsWith(text, () => bind(test.value));
    case 'contains':
      return terms.contains(text, () => bind(test.value));
    default:
      return `${terms.ordered(text())} ${COMPARISONS[test.op]} ${bind(String(test.value))}`;
  }
}

/**
 * The condition that a value is one of a list, or none of it.
 *
 * @param given The values of the test as they are bound, without null.
 */
export function listTest(
  { always, never }: Pick<FilterTerms, 'always' | 'never'>,
  value: Part,
  given: readonly SqlValue[],
  { values, isNegated }: Pick<ListTest, 'values' | 'isNegated'>,
  bind: Bind,
): string {
  const hasNull = values.includes(null);
  if (given.length === 0 && hasNull) return `${value()} is ${isNegated ? 'not null' : 'null'}`;
  if (given.length === 0) return isNegated ? always : never;
  // In this order: placeholders are bound as they stand.
  const isNull = isNegated !== hasNull ? `${value()} is null or ` : '';
  const listed = value();
  const not = isNegated ? 'not ' : '';
  const among =
    given.length === 1
      ? `${listed} ${isNegated ? '<>' : '='} ${bind(given[0]!)}`
      : `${listed} ${not}in (${given.map(bind).join(', ')})`;
  return isNull === '' ? among : `(${isNull}${among})`;
}

/** The condition that a number in a column passes a test. The column holds whole numbers. */
export function wholeNumberTest(
  terms: Pick<FilterTerms, 'always' | 'never'>,
  column: Part,
  test: Test,
  /** What the column holds for 1. */
  scale: number,
  bind: Bind,
): string {
  if (test.op === 'in') {
    const given = test.values.flatMap((value) => {
      const whole = Math.round(Number(value) * scale);
      const isStored = Number.isSafeInteger(whole) && whole / scale === value;
      return isStored ? [whole] : [];
    });
    return listTest(terms, column, given, test, bind);
  }
  const isUpper = test.op === 'lt' || test.op === 'lte';
  const passes = (whole: number) =>
    test.op === 'gt' || test.op === 'lte'
      ? whole / scale > Number(test.value)
      : whole / scale >= Number(test.value);
  const least = leastWhole(Number(test.value) * scale, passes);
  if (least === Infinity) return isUpper ? `${column()} is not null` : terms.never;
  if (least === -Infinity) return isUpper ? terms.never : `${column()} is not null`;
  return `${column()} ${isUpper ? '<' : '>='} ${bind(least)}`;
}

/** The least whole number that passes; infinite if no column reaches it. */
function leastWhole(near: number, passes: (whole: number) => boolean): number {
  if (near > Number.MAX_SAFE_INTEGER) return Infinity;
  if (near < Number.MIN_SAFE_INTEGER) return -Infinity;
  let whole = Math.floor(near) - 1;
  while (passes(whole - 1)) whole--;
  while (!passes(whole)) whole++;
  return whole;
}
