import { headerField, type LogFields } from '../log-fields.js';
import type { LogFormat } from '../log-format.js';
import { fieldsOf, jsonFormat, textOf } from './json-lines.js';

const HEADER = 'request_';

/** Traefik's access log as JSON. Its headers are there if its configuration keeps them. */
export const traefikJson: LogFormat = jsonFormat('traefik', (line) => {
  if (textOf(line['RequestPath']) === undefined || line['DownstreamStatus'] === undefined)
    return null;
  const headers: LogFields = {};
  for (const [key, value] of Object.entries(line)) {
    const text = key.startsWith(HEADER) ? textOf(value) : undefined;
    if (text !== undefined) headers[headerField(key.slice(HEADER.length))] = text;
  }
  return {
    ...headers,
    ...fieldsOf(line, [
      ['time_local', 'time'],
      ['time_start', 'StartLocal'],
      ['time_start', 'StartUTC'],
      ['request_method', 'RequestMethod'],
      ['request_uri', 'RequestPath'],
      ['server_protocol', 'RequestProtocol'],
      ['scheme', 'RequestScheme'],
      ['http_host', 'RequestAddr'],
      ['remote_addr', 'ClientHost'],
      ['remote_user', 'ClientUsername'],
      ['status', 'DownstreamStatus'],
      ['body_bytes_sent', 'DownstreamContentSize'],
      ['duration_ns', 'Duration'],
    ]),
  };
});
