const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar of `value` beside a greatest value, in eighths of a character. */
export function bar(value: number | null, greatest: number, columns: number): string {
  if (value === null || !(value > 0) || !(greatest > 0)) return '';
  // What is there is seen, however little it is.
  const eighths = Math.max(1, Math.round(Math.min(value / greatest, 1) * columns * 8));
  return '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]!;
}

/** A line of small bars, from nothing to the greatest of the values. */
export function sparkline(values: readonly (number | null)[], columns = Infinity): string {
  const shown = inParts(values, columns);
  const greatest = Math.max(...shown.map((value) => value ?? 0));
  return shown
    .map((value) => {
      if (value === null) return ' ';
      const level = greatest > 0 ? Math.ceil((value / greatest) * LEVELS.length) : 0;
      return LEVELS[Math.max(0, level - 1)]!;
    })
    .join('');
}

/** Adjacent values as one, the greatest of them, where there are too many. */
function inParts(values: readonly (number | null)[], columns: number): (number | null)[] {
  if (values.length <= columns) return [...values];
  return Array.from({ length: columns }, (_, at) => {
    const from = Math.floor((at * values.length) / columns);
    const until = Math.floor(((at + 1) * values.length) / columns);
    const known = values.slice(from, until).filter((value) => value !== null);
    return known.length > 0 ? Math.max(...known) : null;
  });
}
