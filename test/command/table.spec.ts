import { describe, expect, it } from 'vitest';
import { bar } from '../../lib/command/output/bars.js';
import { tableLines, type TableCell, type TableColumn } from '../../lib/command/output/table.js';
import { textWidth } from '../../lib/command/output/text-width.js';

const ROUTE = 'GET /customers/:customer/addresses/:address/history/entries';
const style = (_: string, text: string) => text;

/** A table of a text, some numbers and a bar, on a terminal of so many columns. */
function table(columns: number, numbers: number, text = ROUTE): string[] {
  const titles: TableColumn[] = [
    { title: 'route', align: 'left', isCut: true },
    ...Array.from({ length: numbers }, (_, at) => ({ title: `n${at}`, align: 'right' }) as const),
    { title: '', align: 'left', drawn: 20 },
  ];
  const row = (share: number): TableCell[] => [
    text,
    ...Array.from({ length: numbers }, () => '1,234,567'),
    { draw: (width) => bar(share, 1, width) },
  ];
  return tableLines(titles, [row(1), row(0.5)], { columns, style });
}

describe('A table on a terminal', () => {
  it.each([30, 40, 60, 80, 100, 132])('is never wider than its %i columns', (columns) => {
    for (let numbers = 0; numbers * 11 + 8 <= columns; numbers++)
      for (const line of table(columns, numbers))
        expect(textWidth(line)).toBeLessThanOrEqual(columns);
  });

  it('draws with what texts leave, and cuts no text to a stump for it', () => {
    const bars = (lines: readonly string[]) =>
      lines.map((line) => /█+/.exec(line)?.[0].length ?? 0);
    expect(bars(table(120, 1))).toEqual([0, 20, 10]);
    expect(bars(table(60, 1))).toEqual([0, 15, 7]);
    expect(bars(table(80, 4))).toEqual([0, 0, 0]);
    expect(table(80, 4)[1]).toContain('GET /customers/:customer/addresses/…  1,234,567');
    expect(table(60, 1)[1]).toContain('GET /customers/:customer/addres…');
    expect(table(60, 1, 'GET /日本/:名')[1]).toMatch(/^GET \/日本\/:名 {2}1,234,567 {2}█{20}$/);
  });
});
