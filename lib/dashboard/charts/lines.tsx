import { line } from 'd3-shape';
import type { JSX } from 'preact';
import { PLOT } from './frame.js';
import { round } from './sparkline.js';

/** Lines over the same buckets, each with the name of its colour. Null is a gap. */
export function Lines({
  lines,
  share,
}: {
  lines: readonly { readonly tone: string; readonly values: readonly (number | null)[] }[];
  share: (value: number) => number;
}): JSX.Element {
  return (
    <>
      {lines.map(({ tone, values }) => {
        const step = PLOT.width / values.length;
        const x = (at: number) => round((at + 0.5) * step);
        const y = (value: number) => round(PLOT.height - share(value) * PLOT.height);
        const path = line<number | null>()
          .defined((value) => value !== null)
          .x((_, at) => x(at))
          .y((value) => y(value!));
        const alone = values.flatMap((value, at) =>
          value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null
            ? [`M${x(at) - step / 4},${y(value)}h${round(step / 2)}`]
            : [],
        );
        return <path key={tone} class={tone} d={(path(values) ?? '') + alone.join('')} />;
      })}
    </>
  );
}
