// Files of the checkout, and when they were written.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every file in a folder and in those below it; none if there is no such folder. */
export function filesOf(folder) {
  if (modified(folder) === 0) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return entry.name === 'node_modules' ? [] : filesOf(path);
  });
}

/** Milliseconds since 1970; 0 where there is nothing. */
export function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** When the latest of some files was written. */
export function newest(files) {
  return files.reduce((latest, file) => Math.max(latest, modified(file)), 0);
}
