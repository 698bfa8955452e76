import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearestName } from '../support/nearest-name.js';
import type { Command, CommandCall, FlagTable } from './command.js';
import { CommandUsageError } from './usage-error.js';

/** The flags and operands of a command line. */
export type ParsedArguments = Pick<CommandCall, 'flags' | 'operands'>;

/**
 * Reads what stands after a command's name.
 *
 * @throws {CommandUsageError} if a flag is unknown, lacks its value or is given twice, or if there
 * is an operand that the command does not take.
 */
export function parseArguments(
  { name, flags, operands }: Command,
  given: readonly string[],
): ParsedArguments {
  const options = optionsOf(flags);
  const { tokens } = parseArgs({
    args: [...given],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, boolean | string | string[]> = {};
  const others: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') others.push(token.value);
    else addValue(values, token, flags, name);
  }
  if (others.length > 0 && operands === undefined)
    throw new CommandUsageError(
      `${name} takes flags alone, but got ${JSON.stringify(others[0])}. ` +
        'A value with spaces needs quotation marks.',
    );
  return { flags: values as ParsedArguments['flags'], operands: others };
}

function optionsOf(flags: FlagTable): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
}

/** A flag as it stands on the command line. */
interface GivenFlag {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function addValue(
  values: Record<string, boolean | string | string[]>,
  { name, rawName: shown, value, inlineValue }: GivenFlag,
  flags: FlagTable,
  command: string,
): void {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (!flag) throw unknownFlag(shown, Object.keys(flags), command);
  if (flag.type === 'boolean') {
    if (value !== undefined) throw new CommandUsageError(`${shown} takes no value.`);
    values[name] = true;
    return;
  }
  // `--where --json` has forgotten its value; `--where=--json` means it.
  if (value === undefined || value === '' || (!inlineValue && value.startsWith('--')))
    throw new CommandUsageError(`${shown} needs a value: ${shown} ${flag.value ?? 'VALUE'}.`);
  const known = values[name];
  if (flag.multiple) values[name] = [...((known ?? []) as string[]), value];
  else if (known === undefined) values[name] = value;
  else throw new CommandUsageError(`${shown} may be given once, but was given twice.`);
}

function unknownFlag(shown: string, known: readonly string[], command: string): Error {
  const nearest = nearestName(shown.replace(/^-+/, ''), known);
  const hint = nearest === undefined ? '' : ` Did you mean --${nearest}?`;
  return new CommandUsageError(
    `${command} has no flag ${shown}.${hint} Run: nestjs-track-usage ${command} --help`,
  );
}
