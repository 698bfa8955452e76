import type { UsageRecord } from '../../../record/index.js';
import { compareKeys } from '../../../summary/index.js';
import type { ParsedFilter, ParsedUsageQuery } from '../../base/parse-usage-query.js';
import type { Condition } from '../../base/query/condition.js';
import { matches } from '../../base/query/matches.js';
import { pageOf } from '../../base/query/page-of.js';
import { isNewestFirst } from '../../base/query/record-order.js';
import type { RedisConnection, RedisReply } from '../connection/redis-connection.js';
import type { RedisKeys } from '../format/redis-keys.js';
import { COUNT, READ, SIZES } from '../format/record-scripts.js';
import { lineGroups, type LineGroup } from './line-groups.js';
import { recordOfText } from './record-mapper.js';

/** The most records that one call of a script returns, and the most that it examines. */
const RETURNED_AT_ONCE = 500;
const LOOKED_AT_AT_ONCE = 5000;

interface Plan {
  /** Key of the index to read. */
  readonly index: string;
  /** What the server searches for in the texts, for what the index does not cover. */
  readonly groups: readonly LineGroup[];
  /** The conditions that are tested on the records, as well. */
  readonly rest: readonly Condition[];
  readonly min: string;
  readonly max: string;
}

interface Position {
  readonly date: number;
  readonly id: string;
}

/** Where the next call of the script goes on. */
interface Place {
  readonly skip: number;
  readonly end: boolean;
  readonly position: Position | null;
}

/**
 * Reads records through the smallest index that contains all of them. An index takes about 130
 * bytes a record, so only values that few records have are indexed. For values of
 * other fields the server searches the texts of the requested range, newest first, 5,000 in a call,
 * until the page is full. Such a filter costs about a second for a million records. All conditions
 * that a line does not answer are tested on the records that are left.
 */
export class RecordReader {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
  ) {}

  async page(query: ParsedUsageQuery): Promise<UsageRecord[]> {
    const { limit, offset, order, after, ...filter } = query;
    const plan = await this.plan(filter);
    if (plan.rest.length > 0 || after || !isNewestFirst(order))
      return pageOf(query, (beyond) => this.stream(beyond));
    const records: UsageRecord[] = [];
    let [skip, position, end] = [offset, null as Position | null, false];
    while (!end && records.length < limit) {
      filter.signal?.throwIfAborted();
      const most = Math.min(limit - records.length, RETURNED_AT_ONCE);
      const found = await this.ask(plan, position, skip, most);
      records.push(...recordsIn(found, position));
      ({ skip, end, position } = placeIn(found, position));
    }
    return records;
  }

  async *stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    for await (const records of this.batches(filter)) yield* records;
  }

  /** Yields the records of `stream`, up to 500 at a time. */
  async *batches(filter: ParsedFilter): AsyncGenerator<UsageRecord[], void, undefined> {
    yield* this.walk(await this.plan(filter), filter.signal);
  }

  private async *walk(
    plan: Plan,
    signal: AbortSignal | null = null,
  ): AsyncGenerator<UsageRecord[], void, undefined> {
    const isMatch = matches(plan.rest);
    let [position, reply] = [null as Position | null, this.ask(plan, null, 0, RETURNED_AT_ONCE)];
    for (let end = false; !end;) {
      const found = await reply;
      signal?.throwIfAborted();
      const after = position;
      ({ end, position } = placeIn(found, after));
      if (!end) {
        // The server looks for more while these are decoded.
        reply = this.ask(plan, position, 0, RETURNED_AT_ONCE);
        reply.catch(() => undefined);
      }
      yield recordsIn(found, after).filter(isMatch);
    }
  }

  async count(filter: ParsedFilter): Promise<number> {
    const plan = await this.plan(filter);
    if (plan.rest.length > 0) {
      let found = 0;
      for await (const records of this.walk(plan, filter.signal)) found += records.length;
      return found;
    }
    let [count, position, end] = [0, null as Position | null, false];
    while (!end) {
      filter.signal?.throwIfAborted();
      const args = argumentsOf(plan, position, 0, 0);
      const reply = await this.connection.run(COUNT, [plan.index, this.keys.texts], args);
      const [found, isEnd, date, id] = reply as readonly RedisReply[];
      count += Number(found);
      end = Number(isEnd) === 1;
      position = positionOf(date, id) ?? position;
    }
    return count;
  }

  private async ask(
    plan: Plan,
    after: Position | null,
    skip: number,
    limit: number,
  ): Promise<readonly RedisReply[]> {
    const keys = [plan.index, this.keys.texts];
    const args = argumentsOf(plan, after, skip, limit);
    return (await this.connection.run(READ, keys, args)) as readonly RedisReply[];
  }

  private async plan({ start, end, where }: ParsedFilter): Promise<Plan> {
    const bounds = {
      min: start ? String(start.getTime()) : '-inf',
      max: end ? String(end.getTime()) : '+inf',
    };
    const { groups, indexed, rest } = lineGroups(where);
    const best = indexed.length > 1 ? await this.smallest(indexed, bounds) : indexed[0];
    return {
      ...bounds,
      index: best === undefined ? this.keys.records : this.keys.by(best),
      groups: groups.filter((group) => group.isNegated || group.lines.join('\n') !== best),
      rest,
    };
  }

  private async smallest(
    lines: readonly string[],
    { min, max }: Pick<Plan, 'min' | 'max'>,
  ): Promise<string> {
    const indexes = lines.map((line) => this.keys.by(line));
    const sizes = (await this.connection.run(SIZES, indexes, [min, max])) as readonly RedisReply[];
    const counts = sizes.map(Number);
    return lines[counts.indexOf(Math.min(...counts))]!;
  }
}

function argumentsOf(
  { min, max, groups }: Plan,
  after: Position | null,
  skip: number,
  limit: number,
): string[] {
  return [
    min,
    max,
    after ? String(after.date) : '',
    after?.id ?? '',
    String(skip),
    String(limit),
    String(LOOKED_AT_AT_ONCE),
    ...groups.flatMap(({ isNegated, lines, isOfJson }) => [
      isNegated ? '-' : '+',
      String(lines.length),
      ...(isOfJson ? lines : lines.map((line) => `\n${line}\n`)),
    ]),
  ];
}

/** @param after The record that the script continued after. */
function recordsIn(
  [, , , , ...texts]: readonly RedisReply[],
  after: Position | null,
): UsageRecord[] {
  const records: UsageRecord[] = [];
  for (let at = 0; at < texts.length; at += 2) {
    const record = recordOfText(String(texts[at]), String(texts[at + 1]));
    // If the record to continue after has been deleted, its neighbours are returned again.
    if (!after || isAfter(record, after)) records.push(record);
  }
  return records;
}

function placeIn([left, end, date, id]: readonly RedisReply[], after: Position | null): Place {
  return {
    skip: Number(left),
    end: Number(end) === 1,
    position: positionOf(date, id) ?? after,
  };
}

function positionOf(date: RedisReply | undefined, id: RedisReply | undefined): Position | null {
  return date === '' || date === undefined ? null : { date: Number(date), id: String(id) };
}

function isAfter({ date, id }: UsageRecord, after: Position): boolean {
  const instant = date.getTime();
  return instant < after.date || (instant === after.date && compareKeys(id, after.id) < 0);
}
