import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StorageAddress } from './storage-address.js';

/** The path of an SQLite file, in whichever way its address is written. */
export function sqlitePath({ address, cwd }: StorageAddress): string {
  if (/^file:/i.test(address)) return fileURLToPath(address);
  return resolve(cwd, address.replace(/^sqlite:(\/\/)?/i, ''));
}
