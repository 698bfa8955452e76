/** Shows at the pointer what a chart's table says of the bucket under it. */
export function hoverCharts(): void {
  document.addEventListener('pointermove', (event) => {
    const plot = (event.target as Element).closest?.('.chart')?.querySelector('.plot');
    const chart = plot?.closest<HTMLElement>('.chart');
    if (!plot || !chart) return hide();
    const area = plot.getBoundingClientRect();
    const share = (event.clientX - area.left) / area.width;
    if (share < 0 || share >= 1) return hide();
    const table = chart.closest('.panel')?.querySelectorAll<HTMLTableElement>('.figures table');
    // The table of the chart is the first that follows it.
    const own = [...(table ?? [])].find(
      (each) => chart.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING,
    );
    const rows = own?.tBodies[0]?.rows;
    if (!own || !rows || rows.length === 0) return hide();
    const at = Math.floor(share * rows.length);
    show(chart, plot, own, at, (at + 0.5) / rows.length);
  });
  document.addEventListener('pointerleave', hide);
  document.addEventListener('scroll', hide, { passive: true });
}

let shown: HTMLElement[] = [];

function hide(): void {
  for (const each of shown) each.remove();
  shown = [];
}

function show(
  chart: HTMLElement,
  plot: Element,
  table: HTMLTableElement,
  at: number,
  share: number,
): void {
  hide();
  const heads = table.tHead?.rows[0]?.cells;
  const cells = [...(table.tBodies[0]?.rows[at]?.cells ?? [])];
  const outer = chart.getBoundingClientRect();
  const inner = plot.getBoundingClientRect();
  const x = inner.left - outer.left + share * inner.width;
  const pointer = document.createElement('div');
  pointer.className = 'pointer';
  pointer.style.left = `${x}px`;
  pointer.style.top = `${inner.top - outer.top}px`;
  pointer.style.height = `${inner.height}px`;
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.setAttribute('aria-hidden', 'true');
  cells.forEach((cell, place) => {
    const line = document.createElement('div');
    if (place === 0) {
      const head = document.createElement('b');
      head.textContent = cell.textContent;
      line.append(head);
    } else line.append(copyOf(heads?.[place]), copyOf(cell));
    tip.append(line);
  });
  tip.style.top = `${inner.top - outer.top + 6}px`;
  if (share > 0.6) tip.style.right = `${outer.width - x + 10}px`;
  else tip.style.left = `${x + 10}px`;
  chart.append(pointer, tip);
  shown = [pointer, tip];
}

/** What stands in a cell, with the sign of its colour and the unit of its figure. */
function copyOf(cell: Element | undefined): HTMLElement {
  const span = document.createElement('span');
  span.append(...(cell?.cloneNode(true).childNodes ?? []));
  return span;
}
