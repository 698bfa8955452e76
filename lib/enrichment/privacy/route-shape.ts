/** One segment of a route's pattern. */
interface Part {
  readonly kind: 'literal' | 'version' | 'param' | 'wildcard';
  /** The start of matching segments, in lower case; of a literal, the whole segment. */
  readonly prefix: string;
  /** The end of matching segments, in lower case; empty for a literal. */
  readonly suffix: string;
  readonly isSecret: boolean;
}

/** What a route's pattern says about matching paths: their segments, and which are secret. */
export interface RouteShape {
  readonly parts: readonly Part[];
  /** Index of the first wildcard; -1 if there is none. */
  readonly wildcard: number;
  /** Segments after the last wildcard. */
  readonly tail: number;
  readonly isSecret: boolean;
  /** How specific the shape is. Of two shapes that match, the one of smaller rank applies. */
  readonly rank: string;
}

const MAX_ALTERNATIVES = 32;
const VERSION = /^v?\d[\w.-]*$/i;
const PARAM = /:(?:"((?:[^"\\]|\\.)*)"|([\w$]+))(?:\((?:[^()\\]|\\.|\([^()]*\))*\))?/g;
const WILDCARD = /\*(?:"((?:[^"\\]|\\.)*)"|([\w$]+))?/g;
const RANKS = { literal: '0', version: '1', param: '2', wildcard: '3' };

/** The shapes of an Express or Fastify pattern: one for each combination of its optional parts. */
export function parseShapes(pattern: string, isSecret: (name: string) => boolean): RouteShape[] {
  return alternatives(pattern).map((text) => {
    const parts = text
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => parsePart(segment, isSecret));
    const wildcard = parts.findIndex(({ kind }) => kind === 'wildcard');
    const last = parts.findLastIndex(({ kind }) => kind === 'wildcard');
    return {
      parts,
      wildcard,
      tail: wildcard < 0 ? 0 : parts.length - 1 - last,
      isSecret: parts.some((part) => part.isSecret),
      rank: parts.map(({ kind }) => RANKS[kind]).join('') + RANKS.wildcard,
    };
  });
}

/**
 * The indexes of the segments that are secret in the shape that matches. If several shapes match,
 * the most specific one applies, as in routers; of equally specific shapes, all apply.
 */
export function secretsIn(shapes: readonly RouteShape[], segments: readonly string[]): number[] {
  const texts = segments.map((text) => text.toLowerCase());
  const found = shapes.filter((shape) => matches(shape, texts));
  const best = found.map(({ rank }) => rank).sort()[0];
  return found
    .filter(({ rank }) => rank === best)
    .flatMap((shape) =>
      texts.flatMap((_, at) => (partAt(shape, at, texts.length)?.isSecret ? [at] : [])),
    );
}

function matches(shape: RouteShape, texts: readonly string[]): boolean {
  const { parts, wildcard, tail } = shape;
  if (wildcard < 0 ? parts.length !== texts.length : texts.length < wildcard + tail) return false;
  return texts.every((text, at) => {
    const part = partAt(shape, at, texts.length);
    return part === undefined || matchesPart(part, text);
  });
}

/** The part for a segment. Segments between two wildcards belong to the first wildcard. */
function partAt(shape: RouteShape, at: number, count: number): Part | undefined {
  const { parts, wildcard, tail } = shape;
  if (wildcard < 0 || at < wildcard) return parts[at];
  return at >= count - tail ? parts[parts.length - (count - at)] : parts[wildcard];
}

function matchesPart({ kind, prefix, suffix }: Part, text: string): boolean {
  if (kind === 'wildcard') return true;
  if (kind === 'version') return VERSION.test(text);
  // `/reset;v=1/abc`: matrix parameters do not belong to a segment's name.
  if (kind === 'literal') return text === prefix || text.split(';', 1)[0] === prefix;
  return text.startsWith(prefix) && text.endsWith(suffix);
}

function parsePart(segment: string, isSecret: (name: string) => boolean): Part {
  const names = (pattern: RegExp) =>
    [...segment.matchAll(pattern)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const params = [...segment.matchAll(PARAM)];
  const secret = [...names(PARAM), ...names(WILDCARD)].some((name) => isSecret(name));
  const part = { prefix: '', suffix: '', isSecret: secret };
  if (segment.includes('*') || segment === '(.*)' || segment === '+')
    return { ...part, kind: 'wildcard' };
  const first = params[0];
  const last = params.at(-1);
  if (!first || !last) {
    const text = segment.replace(/\\(.)/g, '$1').toLowerCase();
    return { ...part, kind: VERSION.test(text) ? 'version' : 'literal', prefix: text };
  }
  return {
    ...part,
    kind: 'param',
    prefix: segment.slice(0, first.index).toLowerCase(),
    suffix: segment.slice(last.index + last[0].length).toLowerCase(),
  };
}

/** Expands the optional parts of `/a{/:b}` and `/a/:b?` into patterns with and without them. */
function alternatives(pattern: string): string[] {
  let open = [pattern];
  const done: string[] = [];
  while (open.length > 0 && open.length + done.length <= MAX_ALTERNATIVES) {
    const next: string[] = [];
    for (const text of open) {
      const group = /\{([^{}]*)\}/.exec(text) ?? /(\/:[\w$]+(?:\([^()]*\))?)\?(?=\/|$)/.exec(text);
      if (!group) {
        done.push(text);
        continue;
      }
      const before = text.slice(0, group.index);
      const after = text.slice(group.index + group[0].length);
      next.push(before + group[1]! + after, before + after);
    }
    open = next;
  }
  return [...done, ...open];
}
