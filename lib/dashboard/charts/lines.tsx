import type { JSX } from 'preact';
import { PLOT } from './frame.js';
import { linePaths, type Point } from './line-paths.js';

/** Lines over the same buckets, each with the name of its colour. */
export function Lines({
  lines,
  share,
}: {
  lines: readonly { readonly tone: string; readonly points: readonly Point[] }[];
  share: (value: number) => number;
}): JSX.Element {
  return (
    <>
      {lines.map(({ tone, points }) => {
        const step = PLOT.width / points.length;
        const { whole, partial } = linePaths(
          points,
          (at) => (at + 0.5) * step,
          (value) => PLOT.height - share(value) * PLOT.height,
          step / 2,
        );
        return (
          <g key={tone}>
            <path class={tone} d={whole} />
            {partial !== '' && <path class={`${tone} open`} d={partial} />}
          </g>
        );
      })}
    </>
  );
}
