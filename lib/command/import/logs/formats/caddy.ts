import { headerField, type LogFields } from '../log-fields.js';
import type { LogFormat } from '../log-format.js';
import { fieldsOf, jsonFormat, textOf, type JsonLine } from './json-lines.js';

/** Caddy's access log. Its time is when the request ended, its duration in seconds. */
export const caddy: LogFormat = jsonFormat('caddy', (line) => {
  const { request } = line;
  if (!isObject(request) || textOf(request['uri']) === undefined) return null;
  const fields: LogFields = {
    ...fieldsOf(request, [
      ['request_method', 'method'],
      ['request_uri', 'uri'],
      ['server_protocol', 'proto'],
      ['http_host', 'host'],
      ['remote_addr', 'remote_ip'],
      // The address that Caddy believes, as far as `trusted_proxies` say.
      ['remote_addr', 'client_ip'],
    ]),
    ...fieldsOf(line, [
      ['msec', 'ts'],
      ['status', 'status'],
      ['body_bytes_sent', 'size'],
      ['remote_user', 'user_id'],
    ]),
    ...durationOf(line['duration']),
    scheme: isObject(request['tls']) ? 'https' : 'http',
  };
  // Before version 2.5 the address had its port.
  fields.remote_addr ??= textOf(request['remote_addr']);
  return { ...headersOf(request['headers']), ...fields };
});

function isObject(value: unknown): value is JsonLine {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function headersOf(headers: unknown): LogFields {
  const fields: LogFields = {};
  if (!isObject(headers)) return fields;
  for (const [name, values] of Object.entries(headers)) {
    const text = textOf(Array.isArray(values) ? values.join(', ') : values);
    if (text !== undefined) fields[headerField(name)] = text;
  }
  return fields;
}

const UNITS: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
};

/** Seconds, or Go's text of a duration with `duration_format string`: `1.5ms`, `1m2s`. */
function durationOf(duration: unknown): LogFields {
  if (typeof duration === 'number') return { request_time: String(duration) };
  if (typeof duration !== 'string') return {};
  const text = Buffer.from(duration, 'latin1').toString('utf8');
  let seconds = 0;
  for (const [, value, unit] of text.matchAll(/([\d.]+)(h|ms|m|s|us|µs|ns)/g))
    seconds += Number(value) * UNITS[unit!]!;
  return { request_time: String(seconds) };
}
