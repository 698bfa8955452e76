/** A segment with parameters: `:id`, `:from-:to`, `:name.json`. */
export interface ParameterSegment {
  readonly kind: 'parameter';
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

/** A segment of a route's path. */
export type RouteSegment =
  | { readonly kind: 'literal' }
  | { readonly kind: 'wildcard'; readonly name: string }
  | ParameterSegment;

const PARAMETER = /:(\w+)(\([^)]*\))?/g;

/** Parses a segment of a path as Express and Fastify declare them. */
export function parseSegment(text: string): RouteSegment {
  if (text.startsWith('*')) return { kind: 'wildcard', name: text.slice(1) || '*' };
  const names: string[] = [];
  let pattern = '';
  let at = 0;
  for (const match of text.matchAll(PARAMETER)) {
    pattern += `${escape(text.slice(at, match.index))}([^/]+?)`;
    names.push(match[1]!);
    at = match.index + match[0].length;
  }
  if (names.length === 0) return { kind: 'literal' };
  return { kind: 'parameter', names, pattern: new RegExp(`^${pattern}${escape(text.slice(at))}$`) };
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
