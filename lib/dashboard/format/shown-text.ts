import { visibleText } from '../../support/shown-value.js';

const LONGEST = 160;

/**
 * Text from outside as the page shows it: on one line, control characters and marks of direction
 * written out, cut if it is long.
 */
export function shownText(text: string, longest = LONGEST): string {
  const characters = text.length > longest ? Array.from(text.slice(0, longest * 2)) : null;
  const cut = characters && characters.length > longest;
  return visibleText(cut || characters ? `${characters.slice(0, longest).join('')}…` : text);
}
