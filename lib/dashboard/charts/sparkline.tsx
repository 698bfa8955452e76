import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { JSX } from 'preact';

const WIDTH = 100;
const HEIGHT = 24;

/** A small line of values, for a look at their course. Null is a gap. */
export function Sparkline({
  values,
  tone = '',
}: {
  values: readonly (number | null)[];
  tone?: string;
}): JSX.Element | null {
  if (values.length < 2) return null;
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  const x = scaleLinear([0, values.length - 1], [0, WIDTH]);
  const y = scaleLinear([0, most || 1], [HEIGHT - 1.5, 2]);
  const stroke = line<number | null>()
    .defined((value) => value !== null)
    .x((_, at) => round(x(at)))
    .y((value) => round(y(value!)));
  const fill = area<number | null>()
    .defined((value) => value !== null)
    .x((_, at) => round(x(at)))
    .y0(HEIGHT)
    .y1((value) => round(y(value!)));
  return (
    <svg
      class={`spark ${tone}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path class="fill" d={fill(values) ?? ''} />
      <path class="stroke" d={stroke(values) ?? ''} />
    </svg>
  );
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
