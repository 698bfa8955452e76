import type { AggregateQuery, RecordAggregate } from '../../base/report/record-aggregate.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { StoppableReading } from '../engines/stoppable-reading.js';
import type { RecordQueries } from './record-queries.js';

/** What names the group of a row: all but its measures. */
const GROUP = /^(?:g\d+|bucket|slot)$/;

/**
 * Adds records up in the database. Few applications keep samples, so records count once at first,
 * which takes a fifth less time than their weights. Groups in which some weigh more are added up
 * again, and once there were some, weights count from the start.
 */
export class RecordAdder {
  private isSampled = false;

  constructor(private readonly queries: RecordQueries) {}

  /** Whether SQL can say a query exactly. */
  canAdd(query: AggregateQuery): boolean {
    return this.queries.aggregate(query) !== null;
  }

  /** @param query One that `canAdd`. */
  async *add(
    engine: Pick<StoppableReading, 'parts'>,
    query: AggregateQuery,
  ): AsyncGenerator<readonly RecordAggregate[], void, undefined> {
    const { plain, weighted, read } = this.queries.aggregate(query)!;
    let left: Set<string> | null = null;
    if (!this.isSampled) {
      left = yield* this.light(engine.parts(plain), read);
      if (left.size === 0) return;
      this.isSampled = true;
    }
    for await (const rows of engine.parts(weighted))
      yield read(left === null ? rows : rows.filter((row) => left.has(groupOf(row))));
  }

  /** Yields the groups in which no record weighs more than one. Returns the others. */
  private async *light(
    parts: AsyncIterable<readonly SqlRow[]>,
    read: (rows: readonly SqlRow[]) => RecordAggregate[],
  ): AsyncGenerator<readonly RecordAggregate[], Set<string>, undefined> {
    const heavy = new Set<string>();
    for await (const rows of parts) {
      const light: SqlRow[] = [];
      for (const row of rows)
        if (Number(row['weight'] ?? 0) > 1) heavy.add(groupOf(row));
        else light.push(row);
      yield read(light);
    }
    return heavy;
  }
}

function groupOf(row: SqlRow): string {
  const named = Object.entries(row).filter(([name]) => GROUP.test(name));
  return named.map(([, value]) => `${typeof value} ${String(value)}`).join('\0');
}
