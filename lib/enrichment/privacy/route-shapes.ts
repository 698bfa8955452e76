import { type RequestArgs, setOwn } from '../../record/index.js';
import { percentDecode } from '../text-decoding.js';
import { parseShapes, secretsIn, type RouteShape } from './route-shape.js';
import { REDACTED } from './redact-text.js';

/** The routes that an application has declared. Their number may grow while it starts. */
export interface DeclaredRoutes {
  readonly size: number;
  patterns(): Iterable<string>;
}

/** A decoded piece of a path, and the index of its segment in the path as sent. */
interface Piece {
  readonly text: string;
  readonly at: number;
}

/**
 * The most segments of a path that are matched, not counting empty ones and those that `..`
 * removes. A longer path is secret as a whole if any route has a secret wildcard.
 */
const MAX_SEGMENTS = 100;

/**
 * Finds the secret parameters of routes in paths whose handler was not reached, for example because
 * of another method, an invalid body or an extra slash. Ignores details that routers treat
 * differently: empty segments, a trailing slash, case, percent-encoding and versions.
 */
export class RouteShapes {
  private shapes: readonly RouteShape[] = [];
  private hasSecrets = false;
  private hasSecretWildcard = false;
  private known = 0;

  constructor(
    private readonly routes: DeclaredRoutes,
    private readonly isSecret: (name: string) => boolean,
  ) {}

  /** Replaces the values of secret parameters in a path. Returns the path itself if it has none. */
  redactPath(path: string): string {
    const secret = this.secretSegments(path);
    if (secret.size === 0) return path;
    return path
      .split('/')
      .map((segment, at) => (secret.has(at) && segment !== '' ? REDACTED : segment))
      .join('/');
  }

  /** Redacts route parameters that contain a secret of the path, as those of a wildcard may. */
  redactArgs(path: string, args: RequestArgs): RequestArgs {
    const secret = this.secretSegments(path);
    if (secret.size === 0) return args;
    const hidden = path
      .split('/')
      .flatMap((segment, at) => (secret.has(at) ? [segment, percentDecode(segment)] : []));
    const clean: RequestArgs = {};
    for (const name of Object.keys(args)) {
      const value = String(args[name]);
      const holds = hidden.some((text) => text !== '' && value.includes(text));
      setOwn<RequestArgs[string]>(clean, name, holds ? REDACTED : args[name]!);
    }
    return clean;
  }

  private secretSegments(path: string): ReadonlySet<number> {
    this.refresh();
    const found = new Set<number>();
    if (!this.hasSecrets) return found;
    const segments = path.split('/');
    for (const pieces of readings(segments)) {
      if (pieces.length > MAX_SEGMENTS) {
        if (this.hasSecretWildcard) return new Set(segments.keys());
        continue;
      }
      const texts = pieces.map(({ text }) => text);
      for (const index of secretsIn(this.shapes, texts)) found.add(pieces[index]!.at);
      if (found.size > 0) break;
    }
    return found;
  }

  private refresh(): void {
    if (this.known === this.routes.size) return;
    this.known = this.routes.size;
    this.shapes = [...new Set(this.routes.patterns())].flatMap((pattern) =>
      parseShapes(pattern, this.isSecret),
    );
    const secret = this.shapes.filter(({ isSecret }) => isSecret);
    this.hasSecrets = secret.length > 0;
    this.hasSecretWildcard = secret.some(({ wildcard }) => wildcard >= 0);
  }
}

/** The possible segments of a path: as sent and, if it has encoded slashes, also split at these. */
function readings(segments: readonly string[]): Piece[][] {
  const plain: Piece[] = [];
  const split: Piece[] = [];
  segments.forEach((segment, at) => {
    const text = percentDecode(segment);
    add(plain, { text, at });
    for (const part of text.split(/[\\/]/)) add(split, { text: part, at });
  });
  return split.length === plain.length ? [plain] : [plain, split];
}

function add(pieces: Piece[], piece: Piece): void {
  if (piece.text === '..') pieces.pop();
  else if (piece.text !== '' && piece.text !== '.') pieces.push(piece);
}
