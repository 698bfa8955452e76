import type { HttpServer } from '@nestjs/common';
import { type RequestArgs, setOwn } from '../../record/index.js';

/**
 * Routes as they were declared. Nest hands each one to the adapter, which may rewrite it for its
 * router; what the router then says of a request leads back to the declaration.
 */
export class RoutePatterns {
  private readonly declared = new Map<string, string>();

  /** Must be called before the routes are registered. */
  watch(adapter: Pick<HttpServer, 'normalizePath'>): void {
    const normalizePath = adapter.normalizePath?.bind(adapter);
    adapter.normalizePath = (path: string): string => {
      const registered = normalizePath ? normalizePath(path) : path;
      if (!this.declared.has(registered)) this.declared.set(registered, path);
      return registered;
    };
  }

  /** How many there are: they are registered before the first request, and may be later. */
  get size(): number {
    return this.declared.size;
  }

  /** All of them, as they were declared, with the prefix and the version in their paths. */
  patterns(): Iterable<string> {
    return this.declared.values();
  }

  /** @param registered The pattern that the router matched. */
  of(registered: unknown): string | null {
    if (typeof registered !== 'string') return null;
    return this.declared.get(registered) ?? registered;
  }
}

/** What Nest calls a wildcard that was declared without a name. */
const UNNAMED_WILDCARD = 'path';

/**
 * Copies a router's parameters, the same from every router: what a wildcard matched is one string
 * with its slashes, under `path` where it has no name, and left out where it matched nothing.
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
