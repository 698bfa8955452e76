import type { UsageRecord, UserAgentInfo } from '../../../record/index.js';
import { isSelective } from '../../base/selective-value.js';
import { WHERE_FIELDS, type UsageWhere } from '../../contract/usage-query.js';
import type { RedisKeys } from '../format/redis-keys.js';

type Where = { [field in keyof UsageWhere]-?: UsageRecord[field] };
type Rest = Omit<UsageRecord, 'id' | keyof UsageWhere>;

/** Every field has to be named, so that none can be forgotten. */
type WrittenRest = Record<Exclude<keyof Rest, 'date'>, unknown> & {
  readonly date: number;
  readonly userAgent: Record<keyof UserAgentInfo, unknown>;
};

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
  const agent = record.userAgent;
  let text = '\n';
  for (const field of WHERE_FIELDS) text += `${whereLine(field, record[field])}\n`;
  // What is undefined is left out.
  const rest: WrittenRest = {
    date: record.date.getTime(),
    url: record.url,
    path: record.path,
    protocol: record.protocol,
    viewArgs: record.viewArgs ?? undefined,
    urlArgs: record.urlArgs,
    speed: Math.round(record.speed * 1e6) / 1e6,
    contentLength: record.contentLength,
    xForwardedFor: record.xForwardedFor ?? undefined,
    referrer: record.referrer ?? undefined,
    authorization: record.authorization,
    userAgent: {
      browser: agent.browser ?? undefined,
      version: agent.version ?? undefined,
      platform: agent.platform ?? undefined,
      language: agent.language ?? undefined,
      string: agent.string ?? undefined,
      kind: agent.kind,
    },
    ipInfo: record.ipInfo ?? undefined,
    serverName: record.serverName,
    trackVar: record.trackVar ?? undefined,
    weight: record.weight,
  };
  return text + JSON.stringify(rest);
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

/** The indexes that records stand in, by key: the numbers of their records. */
export function indexesOf(keys: RedisKeys, records: readonly UsageRecord[]): Map<string, number[]> {
  const indexes = new Map<string, number[]>();
  for (const [number, record] of records.entries()) {
    for (const field of WHERE_FIELDS) {
      const value = record[field];
      if (!isSelective(field, value)) continue;
      const key = keys.by(whereLine(field, value));
      const members = indexes.get(key);
      // From 1, as Lua counts.
      if (members) members.push(number + 1);
      else indexes.set(key, [number + 1]);
    }
  }
  return indexes;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
