/**
 * Imports a package that not every application has.
 *
 * @param load Imports it; a function, so that its types are known.
 * @throws {Error} It is missing; the message has the command that installs it.
 */
export async function loadPackage<T>(
  load: () => Promise<T>,
  option: string,
  packages: string,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new Error(
      `TrackUsageModule: option ${option}: needs packages that are not installed. ` +
        `Install them with: npm install ${packages}`,
      { cause },
    );
  }
}
