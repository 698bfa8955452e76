/**
 * For the `catch` of an `import()` of a package that not every application has. It stands right at
 * the import, so that bundlers see that the package may be missing.
 *
 * @returns What throws an error with the command that installs it.
 */
export function missingPackages(option: string, packages: string): (cause: unknown) => never {
  return (cause) => {
    throw new Error(
      `TrackUsageModule: option ${option}: needs packages that are not installed. ` +
        `Install them with: npm install ${packages}`,
      { cause },
    );
  };
}
