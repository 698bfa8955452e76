import { compileTemplate } from '../line-template.js';
import type { LogFields } from '../log-fields.js';
import { statelessFormat, type LogFormat } from '../log-format.js';

const parse = compileTemplate(
  '$type $time_iso8601 $elb $client $target $first $second $third $status $target_status ' +
    '$received $bytes_sent "$request" "$http_user_agent" $cipher $tls $group "$trace" "$domain" ' +
    '"$certificate" $rest',
);
const X_RAY = /Root=1-([0-9a-f]{8})-([0-9a-f]{24})/;
/** The port that the load balancer adds to the URL even if the client did not. */
const USUAL_PORT = /^(http:\/\/[^/]*):80(?=\/|$)|^(https:\/\/[^/]*):443(?=\/|$)/;

/** AWS's Application Load Balancer. Bytes are those of the whole response, headers included. */
export const alb: LogFormat = statelessFormat('alb', (line) => {
  if (!/^(?:https?|h2|grpcs|wss?) \d{4}-/.test(line)) return null;
  const values = parse(line);
  if (values === null || values === 'no request') return values;
  const parts = line.split(' ', 9);
  // -1 stands for what did not happen.
  const times = parts.slice(5, 8).map(Number);
  const seconds = times.reduce((sum, each) => sum + Math.max(0, each), 0);
  const request = values.request?.split(' ');
  if (request?.[1] !== undefined) request[1] = request[1].replace(USUAL_PORT, '$1$2');
  const [, time, random] = X_RAY.exec(line) ?? [];
  const fields: LogFields = {
    ...values,
    remote_addr: parts[3],
    request_time: String(seconds),
  };
  if (request !== undefined) fields.request = request.join(' ');
  if (time !== undefined) fields.trace_id = time + random;
  const created = creationTime(line);
  if (created !== undefined) fields.time_start = created;
  return fields;
});

/** When the load balancer received the request: the field after the rule's priority. */
function creationTime(line: string): string | undefined {
  return /" (?:-?\d+|-) (\d{4}-\d{2}-\d{2}T[\d:.]+Z) "/.exec(line)?.[1];
}
