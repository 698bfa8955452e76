/** What one line of a log says, by nginx's names of variables; `-` and missing ones are undefined. */
export type LogFields = Partial<Record<LogField, string>>;

/**
 * The names that are understood: nginx's, and those for what other servers log. A request's headers
 * are `http_<name>`.
 */
export type LogField =
  | 'remote_addr'
  | 'remote_user'
  | 'time_local'
  | 'time_iso8601'
  | 'msec'
  /** When the request arrived, where a server logs that and not when it ended. */
  | 'time_start'
  | 'request'
  | 'request_method'
  | 'request_uri'
  | 'uri'
  | 'args'
  | 'server_protocol'
  | 'scheme'
  | 'https'
  | 'host'
  | 'server_name'
  | 'server_port'
  | 'hostname'
  | 'status'
  | 'body_bytes_sent'
  | 'bytes_sent'
  /** Seconds. */
  | 'request_time'
  | 'duration_ms'
  | 'duration_us'
  | 'duration_ns'
  | 'request_completion'
  /** Envoy's: `DC` if the client went away. */
  | 'response_flags'
  /** `1` if the client went away. */
  | 'aborted'
  /** 32 hexadecimal digits. */
  | 'trace_id'
  /** `1` if the request had an `Authorization` header. */
  | 'authorization'
  | `http_${string}`;

const NAMES: ReadonlySet<string> = new Set([
  ...['remote_addr', 'remote_user', 'time_local', 'time_iso8601', 'msec', 'time_start'],
  ...['request', 'request_method', 'request_uri', 'uri', 'args', 'server_protocol', 'scheme'],
  ...['https', 'host', 'server_name', 'server_port', 'hostname', 'status', 'body_bytes_sent'],
  ...['bytes_sent', 'request_time', 'duration_ms', 'duration_us', 'duration_ns'],
  ...['request_completion', 'response_flags', 'aborted', 'trace_id', 'authorization'],
]);

/** Other names of the same, as people give them to groups and JSON keys. */
const ALIASES: Readonly<Record<string, LogField>> = {
  time: 'time_local',
  date: 'time_local',
  timestamp: 'time_local',
  '@timestamp': 'time_local',
  datetime: 'time_local',
  ip: 'remote_addr',
  client: 'remote_addr',
  user: 'remote_user',
  method: 'request_method',
  url: 'request_uri',
  path: 'uri',
  document_uri: 'uri',
  query: 'args',
  query_string: 'args',
  protocol: 'server_protocol',
  bytes: 'body_bytes_sent',
  size: 'body_bytes_sent',
  duration: 'request_time',
  referer: 'http_referer',
  referrer: 'http_referer',
  user_agent: 'http_user_agent',
  x_forwarded_for: 'http_x_forwarded_for',
};

/** The field of a name; undefined if nothing of the record comes from it. */
export function logFieldOf(name: string): LogField | undefined {
  const known = name.toLowerCase();
  if (NAMES.has(known) || known.startsWith('http_')) return known as LogField;
  return Object.hasOwn(ALIASES, known) ? ALIASES[known] : undefined;
}

/** A header's field: `user-agent` is `http_user_agent`. */
export function headerField(name: string): LogField {
  return `http_${name.toLowerCase().replaceAll('-', '_')}`;
}
