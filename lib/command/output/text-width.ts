import { eastAsianWidth } from 'get-east-asian-width';

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const PLAIN = /^[\u0020-\u007e]*$/;
// eslint-disable-next-line no-control-regex
const STYLES = /\u001b\[[\d;]*m/g;
const EMOJI = /\p{Emoji_Presentation}|\ufe0f/u;
const INVISIBLE = /^[\p{Default_Ignorable_Code_Point}\p{Mark}\p{Control}]$/u;

/** The columns of a terminal that a text takes. Styles take none. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text.replace(STYLES, '')))
    width += graphemeWidth(segment);
  return width;
}

/** A text of at most so many columns, with `…` for what is left out. */
export function cutText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let cut = '';
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text)) {
    width += graphemeWidth(segment);
    if (width > columns - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** A text with blanks up to so many columns, at its end or before it. */
export function padText(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, columns - textWidth(text)));
  return side === 'left' ? text + blanks : blanks + text;
}

function graphemeWidth(grapheme: string): number {
  if (EMOJI.test(grapheme)) return 2;
  const [first = ''] = grapheme;
  if (INVISIBLE.test(first)) return 0;
  return eastAsianWidth(first.codePointAt(0)!);
}
