import { logFieldOf, type LogField, type LogFields } from '../log-fields.js';
import type { LogFormat } from '../log-format.js';
import { jsonFormat, textOf, type JsonLine } from './json-lines.js';

/** JSON whose keys are nginx's names of variables, as `log_format … escape=json` writes it. */
export const nginxJson: LogFormat = jsonFormat('nginx-json', (line) => read(line, logFieldOf));

/**
 * JSON of other keys, by the variables that a `log_format` gives them: `{"at":"$time_iso8601"}`. Null
 * if the text is no JSON object, or has more than a variable as a value.
 */
export function jsonTemplate(template: string): LogFormat | null {
  const fields = new Map<string, LogField | undefined>();
  try {
    const quoted = template.replace(/"?\$\{?(\w+)\}?"?/g, '"$1"');
    for (const [key, variable] of Object.entries(JSON.parse(quoted) as JsonLine))
      if (typeof variable === 'string') fields.set(key, logFieldOf(variable));
  } catch {
    return null;
  }
  return jsonFormat('log_format', (line) => read(line, (key) => fields.get(key)));
}

function read(line: JsonLine, fieldOf: (key: string) => LogField | undefined): LogFields | null {
  const fields: LogFields = {};
  for (const key in line) {
    const field = fieldOf(key);
    const text = field === undefined ? undefined : textOf(line[key]);
    // Of several names of one field, the first that has a value.
    if (text !== undefined) fields[field!] ??= text;
  }
  const hasTime = fields.msec ?? fields.time_iso8601 ?? fields.time_local ?? fields.time_start;
  const hasRequest = fields.request ?? fields.request_uri ?? fields.uri;
  return hasTime !== undefined && hasRequest !== undefined ? fields : null;
}
