import type { CommandIo } from '../command-io.js';
import { terminalOf } from './terminal.js';
import { shownNumber } from './units.js';

const INTERVAL_MS = 200;
const CLEARED = '\r\u001b[K';

/** Tells on a terminal how far the work is; nothing elsewhere. */
export class Progress {
  private readonly began = Date.now();
  private shown = 0;
  private readonly isShown: boolean;

  /** @param what What is counted: `records exported`. */
  constructor(
    private readonly io: CommandIo,
    private readonly what: string,
  ) {
    this.isShown = terminalOf(io.stderr, io).isInteractive;
  }

  /** Shows a count, at most five times a second. */
  update(count: number, of?: number): void {
    if (!this.isShown || Date.now() - this.shown < INTERVAL_MS) return;
    this.shown = Date.now();
    const seconds = (this.shown - this.began) / 1000;
    const rate = seconds >= 1 ? `, ${shownNumber(Math.round(count / seconds))} a second` : '';
    const share = of ? ` of ${shownNumber(of)} (${Math.floor((count / of) * 100)} %)` : '';
    this.io.stderr.write(`${CLEARED}${shownNumber(count)}${share} ${this.what}${rate}`);
  }

  /** Says what is done now, in place of a count. */
  say(text: string): void {
    if (this.isShown) this.io.stderr.write(CLEARED + text);
  }

  /** Takes the line away. */
  end(): void {
    if (this.isShown) this.io.stderr.write(CLEARED);
  }
}
