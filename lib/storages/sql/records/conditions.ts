import { FIELD_BY_PATH, type RecordField, type RecordPath } from '../../../record/index.js';
import { MAJOR_ENDS, type Expression, type FieldIn } from '../../../summary/index.js';
import { expressionOf, type Condition, type Test } from '../../base/query/condition.js';
import { plainTest, valueTest } from '../../base/query/matches.js';
import { isRoute, routeForm } from '../../base/query/route-form.js';
import type { SqlDialect } from '../dialects/dialect.js';
import { COMPARISONS, type Bind, type FilterTerms, type Term } from '../dialects/filter-terms.js';
import type { SqlValue } from '../dialects/shapes.js';
import { listTest, textTest, wholeNumberTest } from '../dialects/value-tests.js';
import { SqlBindings } from '../sql-statement.js';

const MICROSECONDS = 1e6;
const CLASSES = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** The records' table, as far as conditions need it. */
export interface FilteredTable {
  readonly dialect: Pick<SqlDialect, 'filters' | 'placeholder'>;
  column(path: RecordPath): string;
}

/** Translates the conditions of a filter into SQL. Values from outside are bound. */
export class ConditionCompiler {
  private readonly terms: FilterTerms;

  constructor(private readonly table: FilteredTable) {
    this.terms = table.dialect.filters;
  }

  /** The conditions that SQL cannot say exactly. */
  rest(conditions: readonly Condition[]): Condition[] {
    return conditions.filter(
      (condition) => !this.compile(condition, new SqlBindings(this.table.dialect)).isExact,
    );
  }

  compile({ operand, test }: Condition, bindings: SqlBindings): Term {
    const expression = expressionOf(operand);
    if (expression === null) {
      // What has no value of a dimension that is made of one field may have a value of that field.
      const field = operand.kind === 'dimension' ? (operand.dimension.fields[0] ?? null) : null;
      const isNull = field === null || valueTest(operand, test)(null);
      return {
        sql: isNull ? this.terms.always : `${this.column(field)} is not null`,
        isExact: false,
      };
    }
    if ('json' in expression) {
      const column = this.column(expression.json);
      return this.terms.json(column, expression.keys, test, (value) => bindings.add(value));
    }
    if ('withMajor' in expression) return this.majorTest(expression, test, bindings);
    return { sql: this.exact(expression, test, bindings), isExact: true };
  }

  private exact(
    expression: Exclude<Expression, { json: unknown } | { withMajor: unknown }>,
    test: Test,
    bindings: SqlBindings,
  ): string {
    const { terms } = this;
    const bind = (value: SqlValue) => bindings.add(value);
    if ('column' in expression)
      return this.fieldTest(FIELD_BY_PATH.get(expression.column)!, test, bindings);
    if ('concat' in expression) return this.routeTest(test, bindings);
    if ('anyOf' in expression) return this.anyTest(expression.anyOf, test, bindings);
    if ('statusClass' in expression) return this.classTest(expression.statusClass, test);
    const text = () => {
      if ('before' in expression)
        return terms.before(this.column(expression.of), expression.before);
      const [first, second] = [this.column(expression.withSuffix), this.column(expression.of)];
      const both = terms.concat(first, "' '", second);
      return `(case when coalesce(${second}, '') = '' then ${first} else ${both} end)`;
    };
    return `(${textTest(terms, text, test, bind)})`;
  }

  private fieldTest(field: RecordField, test: Test, bindings: SqlBindings): string {
    const { terms } = this;
    const column = () => this.column(field.path);
    const bind = (value: SqlValue) => bindings.add(value);
    switch (field.kind) {
      case 'microseconds':
        return wholeNumberTest(terms, column, test, MICROSECONDS, bind);
      case 'instant':
      case 'integer':
      case 'bigInteger':
        return wholeNumberTest(terms, column, test, 1, bind);
      case 'real':
        return numberTest(terms, column(), test, bind);
      case 'flag': {
        const given = 'values' in test ? test.values.map((value) => (value ? 1 : 0)) : [];
        return listTest(terms, column, given, test as Extract<Test, { op: 'in' }>, bind);
      }
      case 'id': {
        if (test.op !== 'in') return textTest(terms, () => terms.idText(column()), test, bind);
        const given = (test.values as string[]).filter((id) => terms.isId(id));
        return listTest(terms, column, given, test, bind);
      }
      default:
        return textTest(terms, column, test, bind);
    }
  }

  /** `/cats` is compared with the route, `GET /cats` with the method and the route. */
  private routeTest(test: Test, bindings: SqlBindings): string {
    const { terms } = this;
    const [method, route] = [this.column('method'), this.column('route')];
    const bind = (value: SqlValue) => bindings.add(value);
    const whole = () => terms.concat(method, "' '", route);
    if (test.op !== 'in') {
      const isBare = test.op !== 'contains' && isRoute(test.value);
      return textTest(terms, isBare ? () => route : whole, test, bind);
    }
    const hasNull = test.values.includes(null);
    const parts = hasNull ? [`${route} is null`] : [];
    const forms = (test.values.filter((value) => value !== null) as string[]).map(routeForm);
    const bare = forms.flatMap((form) => (form.method === null ? [form.route] : []));
    if (bare.length > 0)
      parts.push(`${route} in (${bare.map((each) => bindings.add(each)).join(', ')})`);
    for (const form of forms)
      if (form.method !== null)
        parts.push(
          `${method} = ${bindings.add(form.method)} and ${route} = ${bindings.add(form.route)}`,
        );
    const any = parts.length === 0 ? terms.never : parts.join(' or ');
    if (!test.isNegated) return `(${any})`;
    return hasNull ? `not (${any})` : `(${route} is null or not (${any}))`;
  }

  /** Whether one of some lists of conditions holds. */
  private anyTest(lists: readonly (readonly FieldIn[])[], test: Test, bindings: SqlBindings) {
    const { terms } = this;
    const [takesTrue, takesFalse] = [true, false].map(plainTest(test));
    if (takesTrue === takesFalse) return takesTrue ? terms.always : terms.never;
    const any = lists.map((list) => {
      const all = list.map(({ field, values }) => {
        const column = this.column(field);
        if (values[0] === null) return `${column} is null`;
        const bound = (values as readonly string[]).map((value) => bindings.add(value));
        return bound.length === 1
          ? `${column} = ${bound[0]}`
          : `${column} in (${bound.join(', ')})`;
      });
      return `(${all.join(' and ')})`;
    });
    const holds = any.length === 0 ? terms.never : `(${any.join(' or ')})`;
    // A comparison with null must not make the negation null.
    return takesTrue ? holds : `(case when ${holds} then 1 else 0 end) = 0`;
  }

  private classTest(path: RecordPath, test: Test): string {
    const column = this.column(path);
    const passes = plainTest(test);
    const parts = CLASSES.filter((each) => passes(`${each}xx`)).map(
      (each) => `${column} between ${each * 100} and ${each * 100 + 99}`,
    );
    if (passes(null)) parts.push(`${column} not between 100 and 999`);
    return parts.length === 0 ? this.terms.never : `(${parts.join(' or ')})`;
  }

  /** `Chrome 126` is a browser and what its version begins with, up to a dot or a space. */
  private majorTest(
    { withMajor, of }: Extract<Expression, { withMajor: unknown }>,
    test: Test,
    bindings: SqlBindings,
  ): Term {
    const { terms } = this;
    const [browser, version] = [this.column(withMajor), this.column(of)];
    if (test.op !== 'in') return { sql: `${browser} is not null`, isExact: false };
    const bind = (value: string) => () => bindings.add(value);
    const ends = (position: number) =>
      terms.contains(bind(MAJOR_ENDS), () =>
        terms.characterAt(`coalesce(${version}, '')`, position),
      );
    const parts = (test.values.filter((value) => value !== null) as string[]).map((given) => {
      const space = given.lastIndexOf(' ');
      const major = given.slice(space + 1);
      const alone = `${browser} = ${bindings.add(given)} and ${ends(1)}`;
      if (space < 0 || major === '' || [...MAJOR_ENDS].some((end) => major.includes(end)))
        return alone;
      const name = `${browser} = ${bindings.add(given.slice(0, space))}`;
      const begins = terms.startsWith(() => version, bind(major));
      return `${alone} or ${name} and ${begins} and ${ends([...major].length + 1)}`;
    });
    const hasNull = test.values.includes(null);
    if (hasNull) parts.push(`${browser} is null`);
    const any = parts.length === 0 ? terms.never : parts.join(' or ');
    // A missing version must not make the negation null.
    if (test.isNegated) return { sql: `not coalesce(${any}, ${terms.never})`, isExact: true };
    return { sql: `(${any})`, isExact: true };
  }

  private column(path: RecordPath): string {
    return `t.${this.table.column(path)}`;
  }
}

function numberTest(terms: FilterTerms, column: string, test: Test, bind: Bind): string {
  if (test.op === 'in') return listTest(terms, () => column, test.values as number[], test, bind);
  return `${column} ${COMPARISONS[test.op as 'gt']} ${bind(test.value as number)}`;
}
