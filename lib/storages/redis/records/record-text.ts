import type { UsageRecord, UserAgentInfo } from '../../../record/index.js';
import { WHERE_FIELDS, type UsageWhere } from '../../usage-query.js';

type Where = { [field in keyof UsageWhere]-?: UsageRecord[field] };
type Rest = Omit<UsageRecord, 'id' | keyof UsageWhere>;

const REST_NULLS: { [field in keyof Rest as null extends Rest[field] ? field : never]: null } = {
  viewArgs: null,
  xForwardedFor: null,
  referrer: null,
  ipInfo: null,
  trackVar: null,
};
const AGENT_NULLS: Omit<UserAgentInfo, 'kind'> = {
  browser: null,
  version: null,
  platform: null,
  language: null,
  string: null,
};

/**
 * A record as text: a line for each field that `where` takes, then the rest as JSON.
 *
 *     route "/cats/:id"
 *     status 200
 *     …
 *     {"date":1781524800000,"url":…}
 *
 * JSON has no line breaks, so a script finds the records of a value by searching for its line,
 * without reading JSON. What is null in the rest is left out, to save memory; the id is kept
 * beside the text.
 */
export function textOfRecord(record: UsageRecord): string {
  const { id: _, date, speed, ...fields } = record;
  const rest: Record<string, unknown> = { ...fields };
  let text = '\n';
  for (const field of WHERE_FIELDS) {
    text += `${whereLine(field, record[field])}\n`;
    delete rest[field];
  }
  rest['userAgent'] = withoutNulls(record.userAgent, AGENT_NULLS);
  return (
    text +
    JSON.stringify({
      date: date.getTime(),
      speed: Math.round(speed * 1e6) / 1e6,
      ...withoutNulls(rest, REST_NULLS),
    })
  );
}

/** @throws {Error} for text of another shape. */
export function recordOfText(id: string, text: string): UsageRecord {
  const lines = text.split('\n');
  const json = lines[WHERE_FIELDS.length + 1];
  if (json === undefined)
    throw new Error(`The record ${id} in Redis is not as this storage writes it: ${shown(text)}`);
  const where: Record<string, unknown> = {};
  for (const line of lines.slice(1, -1)) {
    const space = line.indexOf(' ');
    where[line.slice(0, space)] = JSON.parse(line.slice(space + 1));
  }
  const { date, userAgent, ...rest } = JSON.parse(json) as Omit<Rest, 'date'> & { date: number };
  return {
    ...REST_NULLS,
    ...(where as Where),
    ...rest,
    id,
    date: new Date(date),
    userAgent: { ...AGENT_NULLS, ...userAgent },
  };
}

/** The line by which a record's text tells the value of a field. */
export function whereLine(field: keyof UsageWhere, value: string | number | null): string {
  return `${field} ${JSON.stringify(value)}`;
}

function withoutNulls(value: object, nulls: object): object {
  return Object.fromEntries(
    Object.entries(value).filter(([name, each]) => each !== null || !Object.hasOwn(nulls, name)),
  );
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
