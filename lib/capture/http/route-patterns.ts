import type { HttpServer } from '@nestjs/common';
import { type RequestArgs, setOwn } from '../../record/index.js';

/**
 * Maps the patterns of the router to the declared routes. Nest passes each declared route to the
 * adapter, which may rewrite it for its router.
 */
export class RoutePatterns {
  private readonly declared = new Map<string, string>();

  /** Collects the routes of an adapter. Call it before the routes are registered. */
  watch(adapter: Pick<HttpServer, 'normalizePath'>): void {
    const normalizePath = adapter.normalizePath?.bind(adapter);
    adapter.normalizePath = (path: string): string => {
      const registered = normalizePath ? normalizePath(path) : path;
      if (!this.declared.has(registered)) this.declared.set(registered, path);
      return registered;
    };
  }

  /** Number of routes. It may still grow after the first request. */
  get size(): number {
    return this.declared.size;
  }

  /** All declared routes, with the prefix and the version in their paths. */
  patterns(): Iterable<string> {
    return this.declared.values();
  }

  /**
   * The declared route of a pattern.
   *
   * @param registered The pattern that the router matched.
   */
  of(registered: unknown): string | null {
    if (typeof registered !== 'string') return null;
    return this.declared.get(registered) ?? registered;
  }
}

/** Nest's name for a wildcard that was declared without a name. */
const UNNAMED_WILDCARD = 'path';

/**
 * Copies a router's parameters in a form that is the same for every router. The match of a wildcard
 * is one string with slashes, under `path` if it has no name, and is omitted if it is empty.
 */
export function readViewArgs(params: unknown): RequestArgs {
  const args: RequestArgs = {};
  if (typeof params !== 'object' || params === null) return args;
  for (const name in params) {
    const value = (params as Record<string, unknown>)[name];
    if (value === undefined) continue;
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- routers give strings
    const text = Array.isArray(value) ? value.join('/') : String(value);
    if (name !== '*') setOwn<RequestArgs[string]>(args, name, text);
    else if (text !== '') args[UNNAMED_WILDCARD] = text;
  }
  return args;
}
