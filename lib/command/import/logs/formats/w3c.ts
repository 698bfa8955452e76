import type { LogField, LogFields } from '../log-fields.js';
import { headerField } from '../log-fields.js';
import type { LineParser, LogFormat } from '../log-format.js';

const FIELDS: Readonly<Record<string, LogField>> = {
  'c-ip': 'remote_addr',
  'cs-username': 'remote_user',
  'cs-method': 'request_method',
  'cs-uri': 'request_uri',
  'cs-uri-stem': 'uri',
  'cs-uri-query': 'args',
  'cs-version': 'server_protocol',
  'cs-protocol-version': 'server_protocol',
  'cs-protocol': 'scheme',
  'cs-host': 'http_host',
  'x-host-header': 'http_host',
  's-computername': 'hostname',
  's-port': 'server_port',
  'sc-status': 'status',
  'sc-bytes': 'bytes_sent',
  'x-forwarded-for': 'http_x_forwarded_for',
};
const HEADER = /^cs\(([^)]+)\)$/i;
/** What CloudFront's standard logs hold, should a file be cut before its header. */
const CLOUDFRONT =
  'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) ' +
  'cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header ' +
  'cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher ' +
  'x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port ' +
  'time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len ' +
  'sc-range-start sc-range-end';

type Kind = 'w3c' | 'cloudfront';

/** W3C's extended format, as IIS writes it. Its `#Fields:` say what a line holds. */
export const w3c: LogFormat = { name: 'w3c', open: () => parser('w3c') };

/** CloudFront's standard logs: W3C's form with tabs, and values in percent-encoding. */
export const cloudfront: LogFormat = { name: 'cloudfront', open: () => parser('cloudfront') };

function parser(kind: Kind): LineParser {
  let names = kind === 'cloudfront' ? CLOUDFRONT.split(' ') : null;
  // IIS counts milliseconds, what the standard has as seconds.
  let isMicrosoft = true;
  return (line) => {
    if (line.startsWith('#')) {
      if (line.startsWith('#Fields:')) {
        const given = line.slice('#Fields:'.length).trim().split(/\s+/);
        if (given.includes('x-edge-location') !== (kind === 'cloudfront')) return null;
        names = given;
      }
      if (line.startsWith('#Software:')) isMicrosoft = line.includes('Microsoft');
      return 'no request';
    }
    if (names === null || (kind === 'cloudfront') !== line.includes('\t')) return null;
    const values = kind === 'cloudfront' ? line.split('\t') : split(line);
    if (values.length < Math.min(names.length, 7) || values.length > names.length + 1) return null;
    return read(kind, names, values, isMicrosoft);
  };
}

/** By spaces. A value may stand in quotes. */
function split(line: string): string[] {
  if (!line.includes('"')) return line.trimEnd().split(' ');
  return [...line.matchAll(/"((?:[^"]|"")*)"(?: |$)|([^ ]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!,
  );
}

function read(
  kind: Kind,
  names: readonly string[],
  values: readonly string[],
  isMicrosoft: boolean,
): LogFields | null {
  const fields: LogFields = {};
  let date = '';
  let time = '';
  names.forEach((name, at) => {
    const value = values[at];
    if (value === undefined || value === '-' || value === '') return;
    if (name === 'date') date = value;
    else if (name === 'time') time = value;
    else if (name === 'time-taken') {
      fields[kind === 'w3c' && isMicrosoft ? 'duration_ms' : 'request_time'] = value;
    } else {
      const field = fieldOf(name);
      // CloudFront's `cs(Host)` is its own domain, which `x-host-header` overrides.
      if (field !== undefined) fields[field] = decode(kind, field, value);
    }
  });
  if (date === '' || time === '') return null;
  fields.time_local = `${date}T${time}Z`;
  return fields;
}

function fieldOf(name: string): LogField | undefined {
  const header = HEADER.exec(name)?.[1];
  return header === undefined ? FIELDS[name.toLowerCase()] : headerField(header);
}

/** IIS has `+` for a space, CloudFront encodes; targets stay as they were sent. */
function decode(kind: Kind, field: LogField, value: string): string {
  if (kind === 'w3c') return field === 'http_user_agent' ? value.replaceAll('+', ' ') : value;
  if (field === 'uri' || field === 'args') return value;
  const once = decodePercent(value);
  // Older logs are encoded twice.
  return field === 'http_user_agent' && /%20/.test(once) ? decodePercent(once) : once;
}

/** To bytes, as the rest of a log is read. */
function decodePercent(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
}
