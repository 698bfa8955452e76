import type { HttpServer } from '@nestjs/common';

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
