import type { LogField, LogFields } from '../log-fields.js';
import { statelessFormat, type LogFormat } from '../log-format.js';

/** A JSON object of a log. */
export type JsonLine = Record<string, unknown>;

/**
 * A format whose lines are JSON objects.
 *
 * @param read Reads the fields; null if the object is of another form.
 */
export function jsonFormat(name: string, read: (line: JsonLine) => LogFields | null): LogFormat {
  return statelessFormat(name, (line) => {
    const object = parseObject(line);
    return object && read(object);
  });
}

/** The object in a line; null if there is none. */
export function parseObject(line: string): JsonLine | null {
  if (line[0] !== '{') return null;
  try {
    return JSON.parse(line) as JsonLine;
  } catch {
    return null;
  }
}

/** The text of a value; undefined for what stands for none: null, `-`, an empty text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
}

/** Fields from the values of an object's keys. */
export function fieldsOf(
  line: JsonLine,
  names: readonly (readonly [LogField, string])[],
): LogFields {
  const fields: LogFields = {};
  for (const [field, key] of names) {
    const text = textOf(line[key]);
    if (text !== undefined) fields[field] = text;
  }
  return fields;
}
