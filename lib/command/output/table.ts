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
}

/** A cell. A text of others is shown as it is; one that is styled already is `shown`. */
export type TableCell = string | { readonly shown: string };

const GAP = '  ';
/** A column that is cut keeps this many characters. */
const LEAST_COLUMNS = 8;

/**
 * The lines of a table, the titles first. Control characters are escaped.
 *
 * @param terminal Long texts are cut to its width.
 */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  { columns: width, style }: Pick<Terminal, 'columns' | 'style'>,
): string[] {
  const cells = rows.map((row) => row.map(shownCell));
  const wanted = columns.map(({ title }, at) =>
    Math.max(textWidth(title), ...cells.map((row) => textWidth(row[at] ?? ''))),
  );
  const widths = fitted(columns, wanted, width);
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

function shownCell(cell: TableCell): string {
  return typeof cell === 'string' ? visibleText(cell) : cell.shown;
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
