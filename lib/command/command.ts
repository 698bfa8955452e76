import type { CommandIo } from './command-io.js';
import type { ExitCode } from './exit-codes.js';

/** One flag of a command. */
export interface FlagDefinition {
  readonly type: 'string' | 'boolean';
  /** Whether the flag may be given several times. */
  readonly multiple?: true;
  /** What stands after the flag, for the help: `FIELD=VALUE`. */
  readonly value?: string;
  /** A sentence for the help. */
  readonly help: string;
}

/** The flags of a command, by name without the dashes. */
export type FlagTable = Readonly<Record<string, FlagDefinition>>;

type FlagValue<Flag extends FlagDefinition> = Flag['type'] extends 'boolean'
  ? boolean
  : Flag extends { readonly multiple: true }
    ? readonly string[]
    : string;

/** The values of the flags that were given. */
export type FlagValues<Flags extends FlagTable> = {
  readonly [Name in keyof Flags]?: FlagValue<Flags[Name]> | undefined;
};

/** What a command gets when it runs. */
export interface CommandCall<Flags extends FlagTable = FlagTable> {
  readonly flags: FlagValues<Flags>;
  /** What stands on the command line beside the flags. */
  readonly operands: readonly string[];
  readonly io: CommandIo;
}

/** One command of the command line. */
export interface Command<Flags extends FlagTable = FlagTable> {
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What else the help says. */
  readonly details?: string;
  /** What it takes beside flags, for the help: `FILE…`. None: it takes nothing else. */
  readonly operands?: string;
  readonly flags: Flags;
  /** Command lines for the help, without the program's name. */
  readonly examples: readonly [string, ...string[]];
  run(call: CommandCall<Flags>): Promise<ExitCode>;
}

/** A command with its flags' types. The list of all commands does not know them. */
export function defineCommand<const Flags extends FlagTable>(command: Command<Flags>): Command {
  return command;
}
