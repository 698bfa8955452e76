import type { JsonValue, RecordPath } from '../../../record/index.js';
import {
  objectAt,
  type DimensionValue,
  type MeasureName,
  type ReportDimension,
} from '../../../summary/index.js';
import {
  readAggregate,
  type AggregateQuery,
  type BucketRun,
  type RecordAggregate,
} from '../../base/report/record-aggregate.js';
import type { AggregateTerms } from '../dialects/aggregate-terms.js';
import type { SqlDialect } from '../dialects/dialect.js';
import type { Bind } from '../dialects/filter-terms.js';
import type { SqlRow } from '../dialects/shapes.js';
import { SqlBindings, type SqlStatement } from '../sql-statement.js';
import { fieldOfColumn } from './record-mapper.js';

/** How SQL groups by one dimension. */
interface GroupTerms {
  /** The terms to group by. */
  readonly terms: readonly string[];
  /** The dimension's value for the values of the terms. */
  readonly read: (values: readonly unknown[]) => DimensionValue;
}

/** The records' table, as far as adding up needs it. */
export interface AggregatedTable {
  readonly path: string;
  readonly dialect: Pick<SqlDialect, 'filters' | 'placeholder' | 'quote'>;
  column(path: RecordPath): string;
}

/** Builds the statements that add records up. */
export class AggregateQueries {
  constructor(
    private readonly table: AggregatedTable,
    private readonly terms: Pick<AggregateTerms, 'weight' | 'isFraction' | 'slot' | 'quotient'>,
  ) {}

  /** Whether SQL can group by a dimension. */
  canGroup(dimension: ReportDimension): boolean {
    return this.groupTerms(dimension, () => '') !== null;
  }

  /**
   * @param where Builds the condition that selects the records.
   * @param isWeighted Whether each record counts by its weight. If not, it counts once, and `weight`
   * is the greatest weight of a group.
   */
  statement(
    query: AggregateQuery,
    where: (bindings: SqlBindings) => string,
    isWeighted: boolean,
    bindings = new SqlBindings(this.table.dialect),
  ): SqlStatement {
    const { dimensions, buckets, measures, withLatency } = query;
    const bind: Bind = (value) => bindings.add(value);
    const groups = dimensions.flatMap((dimension) => this.groupTerms(dimension, bind)?.terms ?? []);
    const named = groups.map((term, index) => `${term} as ${this.quote(`g${index}`)}`);
    if (buckets.length > 1 || (buckets[0] && isDivided(buckets[0])))
      named.push(`${this.bucket(buckets)} as ${this.quote('bucket')}`);
    if (withLatency)
      named.push(`${this.terms.slot(this.column('speed'))} as ${this.quote('slot')}`);
    const count = named.length;
    if (needsDates(query)) named.push(`min(${this.column('date')}) as ${this.quote('firstSeen')}`);
    for (const [name, term] of this.sums(measures, isWeighted))
      named.push(`${term} as ${this.quote(name)}`);
    const positions = Array.from({ length: count }, (_, index) => index + 1).join(', ');
    return {
      sql:
        `select ${named.join(', ')} from ${this.table.path} t ${where(bindings)}` +
        (count > 0 ? ` group by ${positions}` : ''),
      values: bindings.values,
    };
  }

  /** Reads the rows of `statement`. Without groups, no records give a row too. */
  aggregates(query: AggregateQuery, rows: readonly SqlRow[]): RecordAggregate[] {
    const { dimensions, filter } = query;
    const firstSeen = needsDates(query) ? null : filter.start!.getTime();
    let at = 0;
    const groups = dimensions.map((dimension) => {
      const { terms, read } = this.groupTerms(dimension, () => '')!;
      return { names: terms.map(() => `g${at++}`), read };
    });
    const aggregates: RecordAggregate[] = [];
    for (const row of rows) {
      if (row['firstSeen'] === null) continue;
      const values = groups.map(({ names, read }) => read(names.map((name) => row[name] ?? null)));
      aggregates.push(readAggregate(values, row, firstSeen));
    }
    return aggregates;
  }

  private sums(
    measures: ReadonlySet<MeasureName>,
    isWeighted: boolean,
  ): [name: string, term: string][] {
    if (!measures.has('hits')) return [];
    const { terms } = this;
    const given = this.column('weight');
    const weight = isWeighted ? terms.weight(given) : '1';
    const when = (condition: string) => `sum(case when ${condition} then ${weight} else 0 end)`;
    const times = (path: RecordPath) => {
      const value = `case when ${this.column(path)} > 0 then ${this.column(path)} else 0 end`;
      return isWeighted ? `sum(${value} * (${weight}))` : `sum(${value})`;
    };
    const status = this.column('status');
    const all: [MeasureName, string][] = [
      ['hits', isWeighted ? `sum(${weight})` : 'count(*)'],
      ['transfer', times('contentLength')],
      ['errors', when(`${status} >= 500`)],
      ['duration', times('speed')],
      ['refused', when(`${status} >= 400 and ${status} < 500`)],
      ['aborted', when(`${this.column('outcome')} = 'aborted'`)],
      ['lastSeen', `max(${this.column('date')})`],
    ];
    return [
      ...all.filter(([name]) => measures.has(name)),
      isWeighted ? ['fractions', `max(${terms.isFraction(given)})`] : ['weight', `max(${given})`],
    ];
  }

  /** The number of a record's bucket. The numbers in it are the library's own. */
  private bucket(runs: readonly BucketRun[]): string {
    const date = this.column('date');
    const number = ({ start, length, index }: BucketRun) =>
      `${index} + ${this.terms.quotient(`${date} - ${start}`, `${length}`)}`;
    const [last, ...others] = [...runs].reverse();
    if (others.length === 0) return number(last!);
    const cases = others.reverse().map((run) => `when ${date} < ${run.end} then ${number(run)}`);
    return `case ${cases.join(' ')} else ${number(last!)} end`;
  }

  private groupTerms(dimension: ReportDimension, bind: Bind): GroupTerms | null {
    const { expression, fields, of } = dimension;
    const { filters } = this.table.dialect;
    if (fields.length === 0) return null;
    if (expression && 'json' in expression) {
      const { json, keys } = expression;
      const text = filters.jsonText(this.column(json), keys, bind);
      const read = ([value]: readonly unknown[]) =>
        of(value === null ? null : objectAt(keys, JSON.parse(value as string) as JsonValue));
      return text === null ? null : { terms: [text], read };
    }
    if (expression && 'before' in expression)
      return {
        terms: [filters.before(this.column(expression.of), expression.before)],
        read: ([value]) => value as DimensionValue,
      };
    return {
      terms: fields.map((path) => this.column(path)),
      read: (values) => of(...fields.map((path, index) => fieldOfColumn(path, values[index]))),
    };
  }

  private column(path: RecordPath): string {
    return `t.${this.table.column(path)}`;
  }

  private quote(name: string): string {
    return this.table.dialect.quote(name);
  }
}

function isDivided({ start, end, length }: BucketRun): boolean {
  return end - start > length;
}

/** Whether the dates of records are asked for, or tell the bucket or that there is one at all. */
function needsDates({ filter, dimensions, buckets, measures }: AggregateQuery): boolean {
  const isAsked = measures.has('firstSeen') || filter.start === null;
  return isAsked || buckets.length > 0 || dimensions.length === 0;
}
