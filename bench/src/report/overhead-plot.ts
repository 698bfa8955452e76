import type { OverheadResult, VariantResult } from '../overhead/overhead.js';
import type { Spread } from '../statistics.js';
import { addedCpu, isDisqualified } from './overhead-section.js';

const WIDTH = 760;
const LABELS = 290;
const BAR = 18;
const STEP = 26;
const HEAD = 54;
const FOOT = 30;
const PLOT = WIDTH - LABELS - 110;

const STYLE = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px }
  .quiet { fill: #59636e; font-size: 12px }
  .bar { fill: #afb8c1 }
  .ours { fill: #0969da }
  .spread { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 } .bar { fill: #656c76 } .ours { fill: #4493f8 }
    .spread { stroke: #e6edf3 }
  }`;

/** What each variant adds to a request, as bars with their spread: one panel for each platform. */
export function overheadPlot(results: readonly OverheadResult[]): string {
  const panels: string[] = [];
  let top = 0;
  for (const result of results) {
    const { text, height } = panel(result, top);
    panels.push(text);
    top += height;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img" aria-label="CPU that each way of watching requests adds to a request">`,
    `<style>${STYLE}</style>`,
    ...panels,
    '</svg>',
    '',
  ].join('\n');
}

function panel({ platform, variants }: OverheadResult, top: number) {
  const bars = variants
    .filter((variant) => variant.name !== 'bare' && !isDisqualified(variant))
    .map((variant) => ({ variant, spread: addedCpu(variants, variant.name) }))
    .sort((a, b) => a.spread.median - b.spread.median);
  const largest = Math.max(...bars.map(({ spread }) => spread.q3), 1);
  const scale = (value: number) => LABELS + (Math.max(0, value) / largest) * PLOT;
  const title = platform === 'express' ? 'Express' : 'Fastify';
  const text = [
    `<text class="title" x="12" y="${top + 24}">${title}: µs of CPU added to a request</text>`,
    `<text class="quiet" x="12" y="${top + 42}">the median of paired rounds, and the middle half of them as a line</text>`,
    ...bars.map(({ variant, spread }, index) =>
      bar(variant, spread, top + HEAD + index * STEP, scale),
    ),
  ].join('\n');
  return { text, height: HEAD + bars.length * STEP + FOOT };
}

function bar(
  { name, title }: VariantResult,
  { median, q1, q3 }: Spread,
  y: number,
  scale: (value: number) => number,
): string {
  const middle = y + BAR / 2;
  const round = (value: number) => value.toFixed(1);
  const kind = name.startsWith('ours') ? 'ours' : 'bar';
  return [
    `<text x="${LABELS - 10}" y="${middle + 4.5}" text-anchor="end">${title}</text>`,
    `<rect class="${kind}" x="${LABELS}" y="${y}" width="${round(scale(median) - LABELS)}" height="${BAR}" rx="2"/>`,
    `<line class="spread" x1="${round(scale(q1))}" x2="${round(scale(q3))}" y1="${middle}" y2="${middle}"/>`,
    `<text x="${round(Math.max(scale(median), scale(q3)) + 8)}" y="${middle + 4.5}">${median < 0 ? '' : '+'}${median.toFixed(1)}</text>`,
  ].join('\n');
}
