/**
 * For the `catch` of an `import()` of a package that not every application has. It stands right at
 * the import, so that bundlers see that the package may be missing.
 *
 * @param owner Who needs it: `RedisStorage`.
 * @param packages As `npm install` takes them.
 * @param hint What else helps, as a sentence.
 * @returns A function that throws an error with the command that installs the package; if it is
 * there and fails, the given error.
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

/** What is said where a package is missing. */
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
