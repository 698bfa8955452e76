import { UsageQueryError } from '../storages/contract/usage-query.error.js';
import { nearestName } from '../support/nearest-name.js';
import { TrackUsageOptionsError } from '../support/track-usage-options.error.js';
import { visibleText } from '../support/shown-value.js';
import type { Command } from './command.js';
import type { CommandIo } from './command-io.js';
import { COMMANDS } from './commands/index.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { commandHelp, generalHelp, PROGRAM } from './help.js';
import { write } from './output/write.js';
import { parseArguments } from './parse-arguments.js';
import { withoutPasswords } from './without-passwords.js';
import { CommandUsageError } from './usage-error.js';
import { versionText } from './version.js';

/**
 * Runs one command line, and says what went wrong on `stderr`.
 *
 * @param given What stands after the program's name.
 * @returns The process's exit code.
 */
export async function runCommandLine(given: readonly string[], io: CommandIo): Promise<ExitCode> {
  try {
    return await run(given, io);
  } catch (error) {
    if (io.signal.aborted) return isClosedPipe(io.signal.reason) ? EXIT.ok : EXIT.failed;
    const message = withoutPasswords(messageOf(error), given, io.env);
    await write(io.stderr, `${PROGRAM}: ${message}\n`);
    return isUsageError(error) ? EXIT.usage : EXIT.failed;
  }
}

async function run([name, ...rest]: readonly string[], io: CommandIo): Promise<ExitCode> {
  if (name === undefined) {
    await write(io.stderr, generalHelp(COMMANDS));
    return EXIT.usage;
  }
  if (name === '--help' || name === '-h') return printed(generalHelp(COMMANDS), io);
  if (name === '--version') return printed(`${versionText()}\n`, io);
  if (name === 'help' && rest.length === 0) return printed(generalHelp(COMMANDS), io);
  const isHelp = name === 'help';
  const command = commandOf(isHelp ? rest[0]! : name);
  const end = rest.indexOf('--');
  const flags = end === -1 ? rest : rest.slice(0, end);
  if (isHelp || flags.includes('--help') || flags.includes('-h'))
    return printed(commandHelp(command), io);
  return command.run({ ...parseArguments(command, rest), io });
}

function commandOf(name: string): Command {
  const found = COMMANDS.find((command) => command.name === name);
  if (found) return found;
  const names = COMMANDS.map((command) => command.name);
  const nearest = nearestName(name, names);
  throw new CommandUsageError(
    `there is no command ${JSON.stringify(name)}.` +
      (nearest === undefined ? ` There are: ${names.join(', ')}.` : ` Did you mean ${nearest}?`),
  );
}

async function printed(text: string, io: CommandIo): Promise<ExitCode> {
  await write(io.stdout, text);
  return EXIT.ok;
}

function isUsageError(error: unknown): boolean {
  return (
    error instanceof CommandUsageError ||
    error instanceof UsageQueryError ||
    error instanceof TrackUsageOptionsError
  );
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return visibleText(String(error));
  // Several addresses of one host fail together, with a message of their own each.
  const { message } = error;
  if (message === '' && error instanceof AggregateError)
    return visibleText(error.errors.map((each) => (each as Error).message).join('; '));
  return visibleText(message === '' ? error.name : message);
}

/** Whether nobody reads the output any more, as after `| head`: that is no failure. */
function isClosedPipe(reason: unknown): boolean {
  return (reason as NodeJS.ErrnoException | undefined)?.code === 'EPIPE';
}
