import type { LogFormat } from '../log-format.js';
import { fieldsOf, jsonFormat, textOf } from './json-lines.js';
import { envoyFields } from './text-formats.js';

/** Envoy's access log as JSON, with the keys that its documentation and Istio give it. */
export const envoyJson: LogFormat = jsonFormat('envoy', (line) => {
  if (textOf(line['start_time']) === undefined || line['response_code'] === undefined) return null;
  return envoyFields(
    fieldsOf(line, [
      ['time_start', 'start_time'],
      ['request_method', 'method'],
      ['request_uri', 'path'],
      ['server_protocol', 'protocol'],
      ['status', 'response_code'],
      ['response_flags', 'response_flags'],
      ['body_bytes_sent', 'bytes_sent'],
      ['duration_ms', 'duration'],
      ['http_x_forwarded_for', 'x_forwarded_for'],
      ['http_user_agent', 'user_agent'],
      ['http_host', 'authority'],
      ['remote_addr', 'downstream_remote_address'],
    ]),
  );
});
