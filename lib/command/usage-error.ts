/** The command line names something that a command does not take. The exit code is 2. */
export class CommandUsageError extends Error {
  override readonly name = 'CommandUsageError';
}
