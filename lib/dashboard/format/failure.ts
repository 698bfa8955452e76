import { visibleText } from '../../support/shown-value.js';

const LONGEST = 500;

/** The message of something that was thrown, on one line. */
export function thrownText(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return visibleText(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}
