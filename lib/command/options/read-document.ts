import { readFile } from 'node:fs/promises';
import { CommandUsageError } from '../usage-error.js';

/**
 * Reads a file of JSON or YAML.
 *
 * @param flag The flag that names the file, for messages.
 * @throws {CommandUsageError} if the file cannot be read, or is neither. The message says where it
 * stops being so.
 */
export async function readDocument(flag: string, file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CommandUsageError(`${flag}: ${(error as Error).message}`, { cause: error });
  });
  const isYaml = /\.ya?ml$/i.test(file);
  try {
    return isYaml ? await readYaml(text) : (JSON.parse(text.replace(/^\ufeff/, '')) as unknown);
  } catch (error) {
    const [message] = (error as Error).message.split('\n');
    throw new CommandUsageError(
      `${flag}: expected ${isYaml ? 'YAML' : 'JSON'} in ${file}, but ${message}.` +
        (isYaml ? '' : ' The name of a file in YAML ends in .yaml or .yml.'),
      { cause: error },
    );
  }
}

async function readYaml(text: string): Promise<unknown> {
  // Loaded where it is needed: it takes as long as the rest of the command.
  const { parse } = await import('yaml');
  return parse(text) as unknown;
}
