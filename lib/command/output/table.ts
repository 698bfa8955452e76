import { visibleText } from '../../support/shown-value.js';
import type { Terminal } from './terminal.js';
import { cutText, padText, textWidth } from './text-width.js';

/** A column of a table. */
export interface TableColumn {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly align: 'left' | 'right';
  /** Whether long texts are cut where the terminal is too narrow. */
  readonly isCut?: boolean;
  /** Of a column that is drawn: how wide it becomes at most. It takes what texts and numbers leave. */
  readonly drawn?: number;
}

/**
 * A cell. A text of others is shown as it is; one that is styled already is `shown`. A bar is drawn
 * when it is known how wide its column is.
 */
export type TableCell =
  string | { readonly shown: string } | { readonly draw: (columns: number) => string };

const GAP = '  ';
/** A column that is cut keeps this many characters. */
const LEAST_COLUMNS = 8;
/** Before something is drawn beside it, a text has so many. */
const READABLE_COLUMNS = 32;
/** What is narrower says nothing, and is left out. */
const LEAST_DRAWN_COLUMNS = 6;

/**
 * The lines of a table, the titles first. Control characters are escaped.
 *
 * @param terminal Long texts are cut to its width.
 */
export function tableLines(
  given: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  { columns: width, style }: Pick<Terminal, 'columns' | 'style'>,
): string[] {
  const wanted = given.map(({ title, drawn }, at) =>
    drawn === undefined
      ? Math.max(textWidth(title), ...rows.map((row) => textWidth(shownCell(row[at] ?? '', 0))))
      : 0,
  );
  giveRest(given, wanted, width);
  const kept = given.flatMap(({ drawn }, at) => (drawn === undefined || wanted[at]! > 0 ? at : []));
  const columns = kept.map((at) => given[at]!);
  const cells = rows.map((row) => kept.map((at) => shownCell(row[at] ?? '', wanted[at]!)));
  const widths = fitted(
    columns,
    kept.map((at) => wanted[at]!),
    width,
  );
  const line = (texts: readonly string[]) =>
    columns
      .map(({ align }, at) => {
        const text = cutText(texts[at] ?? '', widths[at]!);
        return padText(text, widths[at]!, align);
      })
      .join(GAP)
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  return [style('bold', line(titles)), ...cells.map(line)];
}

function shownCell(cell: TableCell, columns: number): string {
  if (typeof cell === 'string') return visibleText(cell);
  return 'shown' in cell ? cell.shown : cell.draw(columns);
}

/** Gives what is left of the width to the columns that are drawn, the last one first. */
function giveRest(columns: readonly TableColumn[], widths: number[], width: number): void {
  let left = width;
  for (const [at, { isCut, drawn }] of columns.entries())
    if (drawn === undefined)
      left -= GAP.length + (isCut ? Math.min(widths[at]!, READABLE_COLUMNS) : widths[at]!);
  for (let at = columns.length - 1; at >= 0; at--) {
    const { drawn, title } = columns[at]!;
    const least = Math.max(LEAST_DRAWN_COLUMNS, title.length);
    if (drawn === undefined || left < least) continue;
    widths[at] = Math.min(Math.max(drawn, title.length), left);
    left -= widths[at]! + GAP.length;
  }
}

/** The widths of the columns, those that may be cut made narrower until all of them fit. */
function fitted(
  columns: readonly TableColumn[],
  wanted: readonly number[],
  width: number,
): number[] {
  const widths = [...wanted];
  let excess = sum(widths) + GAP.length * (columns.length - 1) - width;
  while (excess > 0) {
    const widest = columns
      .map(({ isCut }, at) => (isCut && widths[at]! > LEAST_COLUMNS ? at : -1))
      .filter((at) => at >= 0)
      .sort((a, b) => widths[b]! - widths[a]!)[0];
    if (widest === undefined) break;
    widths[widest]!--;
    excess--;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
