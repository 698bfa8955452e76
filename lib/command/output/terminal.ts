import { styleText } from 'node:util';
import type { CommandIo, CommandOutput } from '../command-io.js';

/** What a stream can show. */
export interface Terminal {
  /** Whether somebody looks at it. */
  readonly isInteractive: boolean;
  /** Characters in a line; Infinity where nobody looks. */
  readonly columns: number;
  readonly rows: number;
  /** Styles a text, or leaves it as it is. */
  readonly style: Style;
}

export type Style = (name: StyleName, text: string) => string;

type StyleName = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
const PLAIN: Style = (_, text) => text;
const COLOURED: Style = (name, text) => styleText(name, text);

/** What a stream of a command can show. Colours are for terminals alone, unless NO_COLOR is set. */
export function terminalOf(stream: CommandOutput, { env }: Pick<CommandIo, 'env'>): Terminal {
  const isInteractive = stream.isTTY === true;
  const isColoured = isInteractive && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    isInteractive,
    columns: isInteractive ? stream.columns || DEFAULT_COLUMNS : Infinity,
    rows: isInteractive ? stream.rows || DEFAULT_ROWS : Infinity,
    style: isColoured ? COLOURED : PLAIN,
  };
}
