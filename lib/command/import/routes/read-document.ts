import { readFile } from 'node:fs/promises';
import { CommandUsageError } from '../../usage-error.js';

/**
 * Reads a file of JSON or YAML, whatever its name.
 *
 * @throws {CommandUsageError} if it is neither. The message says where it stops being so.
 */
export async function readDocument(file: string): Promise<unknown> {
  const text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // What begins so may be YAML all the same, but is rather meant to be JSON.
    const isJson = /^\s*[[{]/.test(text);
    return readYaml(text).catch((other: unknown) => {
      const { message } = (isJson ? error : other) as Error;
      throw new CommandUsageError(
        `--routes: expected ${isJson ? 'JSON' : 'JSON or YAML'} in ${file}, but ` +
          message.split('\n', 1)[0],
        { cause: error },
      );
    });
  }
}

async function readYaml(text: string): Promise<unknown> {
  // Loaded where it is needed: it takes as long as the rest of the command.
  const { parse } = await import('yaml');
  return parse(text) as unknown;
}
