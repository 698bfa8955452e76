import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

/** The path of a program under the first of its names that is installed; undefined if none is. */
export function program(...names: string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path));
}

/**
 * A group of specs that needs a program. Where it is not installed the group is skipped, with a
 * line that says so; in CI that is a failure.
 */
export function describeWithProgram(
  names: readonly string[],
  title: string,
  define: (path: string) => void,
): void {
  const path = program(...names);
  if (path !== undefined) {
    describe(title, () => define(path));
    return;
  }
  if (process.env['CI'] === 'true') throw new Error(`${title}: ${names[0]} is not installed.`);
  describe.skip(`${title} (skipped: install ${names[0]})`, () => define('unused'));
}
