/** Where geography comes from. */
export interface GeoSource {
  /**
   * What is known of a public address, as the source puts it; null or undefined if nothing.
   * Throws or rejects if the source failed.
   */
  find(address: string, signal: AbortSignal): unknown;
  /** Whether `find` answers at once, from memory: there is nothing to bound or to wait for. */
  readonly immediate: boolean;
  close?(): void;
}

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
