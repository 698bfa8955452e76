/**
 * What a CommonJS package exports. An ES module gets it as the default; where a tool has compiled
 * this library to CommonJS without `esModuleInterop`, it gets the package itself.
 *
 * @param loaded What `import * as` or `import()` gave.
 */
export function defaultExport<T>(loaded: { readonly default: T }): T {
  return (loaded as { readonly default?: T }).default ?? (loaded as unknown as T);
}
