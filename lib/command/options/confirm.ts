import { createInterface } from 'node:readline/promises';
import type { CommandIo } from '../command-io.js';
import { CommandUsageError } from '../usage-error.js';

/**
 * Asks whether to delete, unless `--yes` has said so.
 *
 * @returns Whether to go on.
 * @throws {CommandUsageError} if nobody can be asked.
 */
export async function confirm(question: string, isYes: boolean, io: CommandIo): Promise<boolean> {
  if (isYes) return true;
  if (!io.stdin.isTTY || !io.stderr.isTTY)
    throw new CommandUsageError(
      `${question} Nobody can be asked here: give --yes, or --dry-run to see what would be deleted.`,
    );
  const asking = createInterface({ input: io.stdin, output: io.stderr, terminal: false });
  try {
    const answer = await asking.question(`${question} [y/N] `, { signal: io.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
}
