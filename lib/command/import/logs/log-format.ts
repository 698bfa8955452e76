import type { LogFields } from './log-fields.js';

/**
 * A form of log lines. Formats whose lines depend on earlier ones (W3C) have state: each file gets
 * its own by `open`.
 */
export interface LogFormat {
  readonly name: string;
  open(): LineParser;
}

/**
 * Reads the fields of a line. Null if the line does not have the form; `'no request'` if it has, but
 * holds none, such as a comment.
 */
export type LineParser = (line: string) => LogFields | 'no request' | null;

/** A format whose lines stand for themselves. */
export function statelessFormat(name: string, parse: LineParser): LogFormat {
  return { name, open: () => parse };
}
