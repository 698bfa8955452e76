import type { Command, FlagTable } from './command.js';

export const PROGRAM = 'nestjs-track-usage';

/** What `--help` prints without a command. */
export function generalHelp(commands: readonly Command[]): string {
  return [
    `Usage: npx ${PROGRAM} COMMAND [FLAGS]`,
    '',
    'Reads and tends the usage that nestjs-track-usage has stored, beside a running application or',
    'without one. The storage is named by --storage ADDRESS or TRACK_USAGE_STORAGE.',
    '',
    'Commands:',
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    '',
    `Run ${PROGRAM} COMMAND --help for the flags of a command, and an example.`,
    '',
    'Exit codes: 0 done, 1 a finding of verify, routes or doctor, 2 wrong use, 3 it could not be done.',
    '',
  ].join('\n');
}

/** What `--help` of a command prints. */
export function commandHelp({
  name,
  summary,
  details,
  operands,
  flags,
  examples,
}: Command): string {
  const usage = [`Usage: npx ${PROGRAM} ${name}`, operands, '[FLAGS]'].filter(Boolean).join(' ');
  return [
    usage,
    '',
    `${summary}.`,
    ...(details === undefined ? [] : ['', details]),
    '',
    'Flags:',
    ...columns(rowsOf(flags)),
    '',
    examples.length > 1 ? 'Examples:' : 'Example:',
    ...examples.map((example) => `  npx ${PROGRAM} ${example}`),
    '',
  ].join('\n');
}

function rowsOf(flags: FlagTable): [string, string][] {
  return Object.entries(flags).map(([name, { type, value, multiple, help }]) => {
    const shown = type === 'boolean' ? `--${name}` : `--${name} ${value ?? 'VALUE'}`;
    return [shown, multiple ? `${help} (repeatable)` : help];
  });
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
