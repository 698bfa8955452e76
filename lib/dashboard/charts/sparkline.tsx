import { scaleLinear } from 'd3-scale';
import { area } from 'd3-shape';
import type { JSX } from 'preact';
import { linePaths, round, type Point } from './line-paths.js';

const WIDTH = 100;
const HEIGHT = 24;
/** The least length of what stands alone between gaps. */
const DASH = 3;

/** A small line of values, for a look at their course. */
export function Sparkline({
  points,
  tone = '',
}: {
  points: readonly Point[];
  tone?: string;
}): JSX.Element | null {
  if (points.length < 2) return null;
  const most = Math.max(0, ...points.map(({ value }) => value ?? 0));
  const x = scaleLinear([0, points.length - 1], [0, WIDTH]);
  const y = scaleLinear([0, most || 1], [HEIGHT - 1.5, 2]);
  const { whole, partial } = linePaths(points, x, y, Math.max(DASH, x(1) / 2));
  const fill = area<Point>()
    .defined(({ value, isPartial }) => value !== null && !isPartial)
    .x((_, at) => round(x(at)))
    .y0(HEIGHT)
    .y1(({ value }) => round(y(value!)));
  return (
    <svg
      class={`spark ${tone}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path class="fill" d={fill(points) ?? ''} />
      <path class="stroke" d={whole} />
      {partial !== '' && <path class="stroke open" d={partial} />}
    </svg>
  );
}
