/**
 * The exports of a CommonJS package. An ES module gets them as the default export. If a tool has
 * compiled this library to CommonJS without `esModuleInterop`, they are the package itself.
 *
 * @param loaded The result of `import * as` or `import()`.
 */
export function defaultExport<T>(loaded: { readonly default: T }): T {
  return (loaded as { readonly default?: T }).default ?? (loaded as unknown as T);
}
