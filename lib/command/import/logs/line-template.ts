import { logFieldOf, type LogField, type LogFields } from './log-fields.js';
import type { LineParser } from './log-format.js';
import { unescape } from './unescape.js';

/** A variable of a template, and the text that follows it. */
interface Piece {
  readonly field: LogField | undefined;
  readonly isQuoted: boolean;
  /** Whether its value may be a list such as `a, b`. */
  readonly isList: boolean;
  readonly spaces: number;
  readonly next: string;
  /** Whether a path follows at once: `$host$request_uri`. */
  readonly isBeforePath: boolean;
}

const VARIABLE = /\$(?:\{(\w+)\}|(\w+))/g;
/** Variables whose values have spaces. */
const SPACES: Readonly<Record<string, number>> = { time_local: 1, request: 2 };
const PATH = /^\$\{?(?:request_uri|uri|document_uri)\}?$/;
const LISTS = /^(?:upstream_|http_x_forwarded_for$|proxy_add_x_forwarded_for$)/;

/**
 * Compiles the text of nginx's `log_format` to a parser of its lines. The parser looks for each
 * literal text once, from left to right, so that no line takes long.
 *
 * @param escapes Whether values have nginx's or Apache's escapes.
 * @throws {Error} if nothing stands between two variables, so that nobody can tell them apart.
 */
export function compileTemplate(template: string, escapes = true): LineParser {
  const { start, pieces } = piecesOf(template);
  return (line) => {
    if (!line.startsWith(start)) return null;
    const fields: LogFields = {};
    let at = start.length;
    for (const piece of pieces) {
      const end = endOf(line, at, piece);
      if (end < 0) return null;
      if (piece.field !== undefined) {
        const value = line.slice(at, end);
        if (value !== '-' && value !== '') fields[piece.field] = escapes ? unescape(value) : value;
      }
      at = end + piece.next.length;
    }
    return at === line.length ? fields : null;
  };
}

function piecesOf(template: string): { start: string; pieces: Piece[] } {
  const variables = [...template.matchAll(VARIABLE)];
  const start = template.slice(0, variables[0]?.index ?? template.length);
  const pieces = variables.map((match, at): Piece => {
    const name = (match[1] ?? match[2])!;
    const from = match.index + match[0].length;
    const next = template.slice(from, variables[at + 1]?.index ?? template.length);
    const follower = variables[at + 1]?.[0];
    const isBeforePath = next === '' && follower !== undefined && PATH.test(follower);
    if (next === '' && follower !== undefined && !isBeforePath)
      throw new Error(
        `${match[0]}${follower}: expected text between two variables of a log format, but there ` +
          'is none. Give a regular expression with named groups instead.',
      );
    const isQuoted = template[match.index - 1] === '"' && next.startsWith('"');
    return {
      field: logFieldOf(name),
      isQuoted,
      isList: LISTS.test(name),
      spaces: !isQuoted && next.startsWith(' ') ? (SPACES[name] ?? 0) : 0,
      next,
      isBeforePath,
    };
  });
  return { start, pieces };
}

/** Where a value ends that begins at `at`; -1 if what follows it is not in the line. */
function endOf(line: string, at: number, piece: Piece): number {
  const { isQuoted, isList, spaces, next } = piece;
  if (piece.isBeforePath) return line.indexOf('/', at);
  if (next === '') return line.length;
  if (isQuoted) return endOfQuoted(line, at, next);
  let end = line.indexOf(next, at);
  for (let left = spaces; left > 0 && end >= 0; left--) end = line.indexOf(next, end + 1);
  if (isList)
    while (end > at && (line[end - 1] === ',' || line.startsWith(' : ', end)))
      end = line.indexOf(next, line[end - 1] === ',' ? end + 1 : end + 3);
  return end;
}

/** A quote inside a value is escaped by a backslash, or else by doubling nothing: then it ends it. */
function endOfQuoted(line: string, at: number, next: string): number {
  for (let end = line.indexOf('"', at); end >= 0; end = line.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (end - backslashes > at && line[end - backslashes - 1] === '\\') backslashes++;
    if (backslashes % 2 === 0 && line.startsWith(next, end)) return end;
  }
  return -1;
}
