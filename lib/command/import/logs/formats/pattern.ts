import { logFieldOf, type LogFields } from '../log-fields.js';
import { statelessFormat, type LogFormat } from '../log-format.js';
import { textOf } from './json-lines.js';

/**
 * A regular expression whose named groups are fields.
 *
 * @param text With or without slashes and flags: `/^(?<remote_addr>\S+) …/i`.
 * @throws {Error} if it is no regular expression, or has no group that is a field.
 */
export function patternFormat(text: string): LogFormat {
  const [, source = text, flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  const pattern = compile(source, flags);
  const groups = [...source.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map(([, name]) => name!);
  if (!groups.some((name) => logFieldOf(name) !== undefined))
    throw new Error(
      `--format: expected groups named after nginx's variables, such as (?<time_local>…), ` +
        `(?<request>…) and (?<status>…), but got ${groups.join(', ')}.`,
    );
  return statelessFormat('pattern', (line) => {
    const found = pattern.exec(line)?.groups;
    if (found === undefined) return null;
    const fields: LogFields = {};
    for (const name of groups) {
      const field = logFieldOf(name);
      const value = textOf(found[name]);
      if (field !== undefined && value !== undefined) fields[field] ??= value;
    }
    return fields;
  });
}

function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags.replace(/[gy]/g, ''));
  } catch (error) {
    throw new Error(`--format: ${(error as Error).message}`, { cause: error });
  }
}
