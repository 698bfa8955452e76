import type { CommandIo } from '../command-io.js';

const OPEN = '\u001b[?1049h\u001b[?25l';
const CLOSE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';

/** The whole terminal, with what was there before kept for later. */
export interface Screen {
  /** Draws over what was drawn before. */
  draw(lines: readonly string[], rows: number): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

/**
 * Takes the terminal.
 *
 * @param onKey Called with each key that is pressed. Ctrl-C comes as `\u0003`.
 */
export function openScreen({ stdin, stdout }: CommandIo, onKey: (key: string) => void): Screen {
  const read = (given: Buffer | string) => {
    for (const key of given.toString()) onKey(key);
  };
  stdin.setRawMode?.(true);
  stdin.on('data', read);
  stdin.resume();
  stdout.write(OPEN);
  return {
    draw(lines, rows) {
      const shown = lines.slice(0, Math.max(1, rows - 1));
      stdout.write(
        HOME + shown.map((line) => `${line}${REST_OF_LINE}\r\n`).join('') + REST_OF_SCREEN,
      );
    },
    close() {
      stdin.removeListener('data', read);
      stdin.setRawMode?.(false);
      stdin.pause();
      stdout.write(CLOSE);
    },
  };
}
