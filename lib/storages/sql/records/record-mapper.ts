import type { UsageRecord } from '../../../record/index.js';
import type { SqlRow, SqlValue } from '../dialects/shapes.js';

const MICROSECONDS = 1e6;

/** A record as a row, in the order of `RECORD_COLUMNS`. */
export function rowOfRecord(record: UsageRecord): SqlValue[] {
  const agent = record.userAgent;
  return [
    record.id,
    record.date.getTime(),
    record.url,
    record.path,
    record.method,
    record.protocol,
    record.route,
    record.blueprint,
    record.handler,
    jsonText(record.viewArgs),
    jsonText(record.urlArgs),
    record.status,
    record.outcome,
    Math.round(record.speed * MICROSECONDS),
    record.contentLength,
    record.remoteAddr,
    record.xForwardedFor,
    record.referrer,
    record.authorization ? 1 : 0,
    record.username,
    agent.browser,
    agent.version,
    agent.platform,
    agent.language,
    agent.string,
    agent.kind,
    jsonText(record.ipInfo),
    record.visitorId,
    record.serverName,
    jsonText(record.trackVar),
    record.weight,
  ];
}

/** A row, by the names of `RECORD_COLUMNS`, as a record. */
export function recordOfRow(row: SqlRow): UsageRecord {
  return {
    id: row['id'],
    date: new Date(Number(row['date'])),
    url: row['url'],
    path: row['path'],
    method: row['method'],
    protocol: row['protocol'],
    route: row['route'],
    blueprint: row['blueprint'],
    handler: row['handler'],
    viewArgs: jsonValue(row['view_args']),
    urlArgs: jsonValue(row['url_args']),
    status: Number(row['status']),
    outcome: row['outcome'],
    speed: Number(row['speed_us']) / MICROSECONDS,
    contentLength: Number(row['content_length']),
    remoteAddr: row['remote_addr'],
    xForwardedFor: row['x_forwarded_for'],
    referrer: row['referrer'],
    authorization: isTrue(row['authorization']),
    username: row['username'],
    userAgent: {
      browser: row['ua_browser'],
      version: row['ua_version'],
      platform: row['ua_platform'],
      language: row['ua_language'],
      string: row['ua_string'],
      kind: row['ua_kind'],
    },
    ipInfo: jsonValue(row['ip_info']),
    visitorId: row['visitor_id'],
    serverName: row['server_name'],
    trackVar: jsonValue(row['track_var']),
    weight: Number(row['weight']),
  } as UsageRecord;
}

function jsonText(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

// A number on most databases; applications have their drivers make other things of it.
function isTrue(value: unknown): boolean {
  return /^(1|t|true)$/.test(String(value));
}

// Drivers that know JSON columns have parsed them, the others give text.
function jsonValue(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value;
}
