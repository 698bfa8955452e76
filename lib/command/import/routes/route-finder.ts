import type { DeclaredRoutes } from '../../../enrichment/privacy/route-shapes.js';
import { percentDecode } from '../../../enrichment/text-decoding.js';
import { setOwn, type RequestArgs } from '../../../record/index.js';
import type { FoundRoute } from '../logs/to-request.js';
import type { ImportedRoute } from './imported-route.js';
import { parseSegment, type ParameterSegment } from './route-segment.js';

/** A segment of routes. What is literal is tried first, then parameters, then a wildcard. */
class Node {
  readonly literals = new Map<string, Node>();
  readonly parameters: { readonly segment: ParameterSegment; readonly next: Node }[] = [];
  wildcard: { readonly name: string; readonly routes: Map<string, ImportedRoute> } | undefined;
  /** By method. */
  readonly routes = new Map<string, ImportedRoute>();
}

/** Finds the route of a request among those of the application, as its router would. */
export class RouteFinder implements DeclaredRoutes {
  readonly size: number;
  private readonly root = new Node();
  private readonly methods: readonly string[];

  constructor(private readonly routes: readonly ImportedRoute[]) {
    this.size = routes.length;
    this.methods = [...new Set(routes.map(({ method }) => method))];
    for (const route of routes) for (const path of variants(route.path)) this.add(route, path);
  }

  patterns(): Iterable<string> {
    return this.routes.map(({ path }) => path);
  }

  /** @param path As sent, without the query. */
  find(method: string, path: string): FoundRoute | null {
    const segments = segmentsOf(path);
    const args: RequestArgs = {};
    const route =
      this.match(this.root, segments, 0, method, args) ??
      (method === 'HEAD' ? this.match(this.root, segments, 0, 'GET', args) : undefined);
    if (route === undefined) return null;
    const { path: pattern, blueprint, handler, apiVersion } = route;
    return { route: pattern, blueprint, handler, apiVersion, viewArgs: args };
  }

  /** As `find`. Without a method, the route is found if all methods have the same. */
  findAny(method: string | null, path: string): FoundRoute | null {
    if (method !== null) return this.find(method, path);
    const found = this.methods.flatMap((each) => this.find(each, path) ?? []);
    const [first] = found;
    if (first === undefined || found.some(({ route }) => route !== first.route)) return null;
    // Which of several handlers it was, nobody knows.
    const isOne = found.every(({ handler }) => handler === first.handler);
    return isOne ? first : { ...first, handler: null };
  }

  private match(
    node: Node,
    segments: readonly string[],
    at: number,
    method: string,
    args: RequestArgs,
  ): ImportedRoute | undefined {
    const segment = segments[at];
    if (segment === undefined) return routeOf(node.routes, method);
    const literal = node.literals.get(segment);
    const found = literal && this.match(literal, segments, at + 1, method, args);
    if (found !== undefined) return found;
    for (const { segment: parameter, next } of node.parameters) {
      const values = parameter.pattern.exec(segment);
      const route = values && this.match(next, segments, at + 1, method, args);
      if (!route) continue;
      parameter.names.forEach((name, index) =>
        setOwn<RequestArgs[string]>(args, name, percentDecode(values[index + 1] ?? '')),
      );
      return route;
    }
    const rest = node.wildcard && routeOf(node.wildcard.routes, method);
    if (rest)
      setOwn<RequestArgs[string]>(
        args,
        node.wildcard!.name,
        percentDecode(segments.slice(at).join('/')),
      );
    return rest;
  }

  private add(route: ImportedRoute, path: string): void {
    let node = this.root;
    for (const text of segmentsOf(path)) {
      const segment = parseSegment(text);
      if (segment.kind === 'wildcard') {
        node.wildcard ??= { name: segment.name, routes: new Map() };
        put(node.wildcard.routes, route);
        return;
      }
      node = segment.kind === 'literal' ? literalAfter(node, text) : parameterAfter(node, segment);
    }
    put(node.routes, route);
  }
}

function literalAfter(node: Node, text: string): Node {
  const known = node.literals.get(text);
  if (known !== undefined) return known;
  const next = new Node();
  node.literals.set(text, next);
  return next;
}

function parameterAfter(node: Node, segment: ParameterSegment): Node {
  const same = node.parameters.find(
    (each) =>
      each.segment.pattern.source === segment.pattern.source &&
      each.segment.names.join() === segment.names.join(),
  );
  if (same !== undefined) return same.next;
  const next = new Node();
  node.parameters.push({ segment, next });
  return next;
}

/** The first of two routes is the one that answers. Which of two versions it was, nobody knows. */
function put(routes: Map<string, ImportedRoute>, route: ImportedRoute): void {
  const first = routes.get(route.method);
  if (first === undefined) routes.set(route.method, route);
  else if (first.apiVersion !== route.apiVersion)
    routes.set(route.method, { ...first, apiVersion: null });
}

function routeOf(routes: Map<string, ImportedRoute>, method: string): ImportedRoute | undefined {
  return routes.get(method) ?? routes.get('ALL');
}

/** Without empty segments at the end: a trailing slash finds the same route. */
function segmentsOf(path: string): string[] {
  return path
    .replace(/^\//, '')
    .replace(/\/$/, '')
    .split('/')
    .filter((each, at) => each !== '' || at > 0);
}

/** A path with optional parts, as all paths that it stands for: `/cats{/:id}`. */
function variants(path: string): string[] {
  const [whole, inner] = /\{([^{}]*)\}/.exec(path) ?? [];
  if (whole === undefined) return [path];
  return [...variants(path.replace(whole, inner!)), ...variants(path.replace(whole, ''))];
}
