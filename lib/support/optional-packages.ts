/**
 * Creates the `catch` handler for the `import()` of an optional package. Attach it directly to the
 * import, so that bundlers see that the package may be missing.
 *
 * @param owner The feature that needs the package: `RedisStorage`.
 * @param packages The packages as arguments of `npm install`.
 * @param hint A sentence with further help.
 * @returns A function that throws an error with the command that installs the package. If the
 * package is installed but fails to load, it throws the given error.
 */
export function missingPackage(
  owner: string,
  packages: string,
  hint?: string,
): (cause: unknown) => never {
  return (cause) => {
    const { code } = cause as NodeJS.ErrnoException;
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    throw isMissing ? missingPackageError(owner, packages, cause, hint) : cause;
  };
}

/** The error for a missing package. */
export function missingPackageError(
  owner: string,
  packages: string,
  cause: unknown,
  hint?: string,
): Error {
  const several = packages.includes(' ');
  const names = packages.replaceAll(' ', ' and ');
  const missing = several ? `packages ${names}, which are` : `package ${names}, which is`;
  return new Error(
    `${owner} needs the ${missing} not installed. Install ${several ? 'them' : 'it'} with: ` +
      `npm install ${packages}${hint === undefined ? '' : `. ${hint}`}`,
    { cause },
  );
}

/**
 * The exports of a CommonJS package. An ES module gets them as the default export. If a tool has
 * compiled this library to CommonJS without `esModuleInterop`, they are the package itself.
 *
 * @param loaded The result of `import * as` or `import()`.
 */
export function defaultExport<T>(loaded: { readonly default: T }): T {
  return (loaded as { readonly default?: T }).default ?? (loaded as unknown as T);
}
