import type { UsageRecord } from '../../../record/index.js';
import { compareKeys } from '../../../summary/index.js';
import type { ParsedFilter, ParsedUsageQuery } from '../../base/parse-usage-query.js';
import { isSelective } from '../../base/selective-value.js';
import type { RedisConnection, RedisReply } from '../connection/redis-connection.js';
import type { RedisKeys } from '../format/redis-keys.js';
import { COUNT, READ, SIZES } from '../format/record-scripts.js';
import { recordOfText, whereLine } from './record-mapper.js';

/** The most records that one call of a script returns, and the most that it examines. */
const RETURNED_AT_ONCE = 500;
const LOOKED_AT_AT_ONCE = 5000;

interface Plan {
  /** Key of the index to read. */
  readonly index: string;
  /** Lines that a record's text must have, for fields that the index does not cover. */
  readonly lines: readonly string[];
  readonly min: string;
  readonly max: string;
}

interface Position {
  readonly date: number;
  readonly id: string;
}

interface Part {
  readonly records: UsageRecord[];
  readonly skip: number;
  readonly end: boolean;
  readonly last: Position | null;
}

/**
 * Reads records through the smallest index that contains all of them. An index takes about 130
 * bytes a record, so only values that few records have are indexed. For other fields the server
 * searches the texts of the requested range, newest first, 5,000 in a call, until the page is full.
 * Such a filter costs about a second for a million records.
 */
export class RecordReader {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
  ) {}

  async page({ limit, offset, ...filter }: ParsedUsageQuery): Promise<UsageRecord[]> {
    const plan = await this.plan(filter);
    const records: UsageRecord[] = [];
    let [skip, position, end] = [offset, null as Position | null, false];
    while (!end && records.length < limit) {
      const part = await this.read(
        plan,
        position,
        skip,
        Math.min(limit - records.length, RETURNED_AT_ONCE),
      );
      records.push(...part.records);
      ({ skip, end } = part);
      position = part.last ?? position;
    }
    return records;
  }

  async *stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    for await (const records of this.batches(filter)) yield* records;
  }

  /** Yields the records of `stream`, up to 500 at a time. */
  async *batches(filter: ParsedFilter): AsyncGenerator<UsageRecord[], void, undefined> {
    const plan = await this.plan(filter);
    let [position, end] = [null as Position | null, false];
    while (!end) {
      const part: Part = await this.read(plan, position, 0, RETURNED_AT_ONCE);
      yield part.records;
      ({ end } = part);
      position = part.last ?? position;
    }
  }

  async count(filter: ParsedFilter): Promise<number> {
    const plan = await this.plan(filter);
    let [count, position, end] = [0, null as Position | null, false];
    while (!end) {
      const args = argumentsOf(plan, position, 0, 0);
      const reply = await this.connection.run(COUNT, [plan.index, this.keys.texts], args);
      const [found, isEnd, date, id] = reply as readonly RedisReply[];
      count += Number(found);
      end = Number(isEnd) === 1;
      position = positionOf(date, id) ?? position;
    }
    return count;
  }

  private async read(
    plan: Plan,
    after: Position | null,
    skip: number,
    limit: number,
  ): Promise<Part> {
    const reply = await this.connection.run(
      READ,
      [plan.index, this.keys.texts],
      argumentsOf(plan, after, skip, limit),
    );
    const [left, end, date, lastId, ...texts] = reply as readonly RedisReply[];
    const records: UsageRecord[] = [];
    for (let at = 0; at < texts.length; at += 2) {
      const record = recordOfText(String(texts[at]), String(texts[at + 1]));
      // If the record to continue after has been deleted, its neighbours are returned again.
      if (!after || isAfter(record, after)) records.push(record);
    }
    return {
      records,
      skip: Number(left),
      end: Number(end) === 1,
      last: positionOf(date, lastId),
    };
  }

  private async plan({ start, end, where }: ParsedFilter): Promise<Plan> {
    const bounds = {
      min: start ? String(start.getTime()) : '-inf',
      max: end ? String(end.getTime()) : '+inf',
    };
    const lines = where.map(([field, value]) => whereLine(field, value));
    const indexed = lines.filter((_, at) => isSelective(...where[at]!));
    const best = indexed.length > 1 ? await this.smallest(indexed, bounds) : indexed[0];
    return {
      ...bounds,
      index: best === undefined ? this.keys.records : this.keys.by(best),
      lines: lines.filter((line) => line !== best),
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
  { min, max, lines }: Plan,
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
    ...lines.map((line) => `\n${line}\n`),
  ];
}

function positionOf(date: RedisReply | undefined, id: RedisReply | undefined): Position | null {
  return date === '' || date === undefined ? null : { date: Number(date), id: String(id) };
}

function isAfter({ date, id }: UsageRecord, after: Position): boolean {
  const instant = date.getTime();
  return instant < after.date || (instant === after.date && compareKeys(id, after.id) < 0);
}
