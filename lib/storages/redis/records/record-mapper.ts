import {
  AS_IS,
  mapRecord,
  toMicroseconds,
  toRecord,
  type UsageRecord,
  type ValueMapper,
} from '../../../record/index.js';
import type { Value } from '../../base/query/condition.js';
import { isSelective } from '../../base/selective-value.js';
import type { RedisKeys } from '../format/redis-keys.js';

/** The format of a record's text. Texts of version 0.1.0 have none. */
const FORMAT = 2;

// Undefined values are left out of JSON.
const WRITE: ValueMapper = {
  ...AS_IS,
  instant: (value) => (value as Date).getTime(),
  microseconds: toMicroseconds,
  missing: undefined,
};

/** The fields that have a line in a record's text. The format fixes them and their order. */
export const LINE_FIELDS = [
  'method',
  'route',
  'blueprint',
  'handler',
  'status',
  'outcome',
  'remoteAddr',
  'username',
  'visitorId',
] as const satisfies readonly (keyof UsageRecord)[];

export type LineField = (typeof LINE_FIELDS)[number];

const READ: ValueMapper = { ...AS_IS, instant: (value) => new Date(value as number) };

/**
 * Encodes a record as text: its format, a line for each of some fields, then the rest as JSON.
 *
 *     2
 *     route "/cats/:id"
 *     status 200
 *     …
 *     {"date":1781524800000,"url":…}
 *
 * JSON has no line breaks, so a script finds the records of a value by searching for its line,
 * without parsing JSON. Null values of the rest are left out, to save memory. The id is stored
 * beside the text. Version 0.1.0 can read the text: it skips the first line and reads the JSON from
 * the eleventh.
 */
export function textOfRecord(record: UsageRecord): string {
  let text = `${FORMAT}\n`;
  for (const field of LINE_FIELDS) text += `${whereLine(field, record[field])}\n`;
  const rest: Record<string, unknown> = mapRecord(record, record.userAgent, WRITE);
  for (const field of LINE_FIELDS) rest[field] = undefined;
  return text + JSON.stringify(rest);
}

/**
 * Decodes a text of any format. Finds fields by name; missing ones are null.
 *
 * @throws {Error} if the text has another shape.
 */
export function recordOfText(id: string, text: string): UsageRecord {
  const [format, ...lines] = text.split('\n');
  const json = lines.pop();
  if (!/^\d*$/.test(format!) || !json?.startsWith('{'))
    throw new Error(`The record ${id} in Redis is not as this storage writes it: ${shown(text)}`);
  const fields = JSON.parse(json) as Record<string, unknown>;
  for (const line of lines) {
    const space = line.indexOf(' ');
    fields[line.slice(0, space)] = JSON.parse(line.slice(space + 1));
  }
  return toRecord(id, fields, fields['userAgent'] ?? {}, READ);
}

/** The line of a field's value in a record's text. */
export function whereLine(field: LineField, value: Value): string {
  // Text of a finite number is its JSON, which costs less; NaN is null in JSON.
  return `${field} ${Number.isFinite(value) ? String(value) : JSON.stringify(value)}`;
}

/** Returns the indexes of records by key, each with the numbers of its records. */
export function indexesOf(keys: RedisKeys, records: readonly UsageRecord[]): Map<string, number[]> {
  const indexes = new Map<string, number[]>();
  for (const [number, record] of records.entries()) {
    for (const field of LINE_FIELDS) {
      const value = record[field];
      if (!isSelective({ path: field, value })) continue;
      const key = keys.by(whereLine(field, value));
      const members = indexes.get(key);
      // Counted from 1, as in Lua.
      if (members) members.push(number + 1);
      else indexes.set(key, [number + 1]);
    }
  }
  return indexes;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
