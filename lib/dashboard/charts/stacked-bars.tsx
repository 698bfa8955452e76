import { line } from 'd3-shape';
import type { JSX } from 'preact';
import { PLOT } from './frame.js';
import { round } from './line-paths.js';

/** One bucket: its parts from the bottom up, each with the name of its colour. */
export interface Stack {
  readonly parts: readonly { readonly tone: string; readonly value: number }[];
  /** Whether the bucket is not over, or cut. */
  readonly isPartial: boolean;
  /** All of the bucket that stands beside it in the span before. */
  readonly before: number | null;
}

/** Stacked bars, with the span before as a dashed line. */
export function StackedBars({
  stacks,
  share,
}: {
  stacks: readonly Stack[];
  share: (value: number) => number;
}): JSX.Element {
  const step = PLOT.width / stacks.length;
  const width = step * (stacks.length > 60 ? 0.86 : 0.72);
  const height = (value: number) => share(value) * PLOT.height;
  const before = line<Stack>()
    .defined((stack) => stack.before !== null)
    .x((_, at) => round((at + 0.5) * step))
    .y((stack) => round(PLOT.height - height(stack.before!)));
  return (
    <>
      {stacks.map(({ parts, isPartial }, at) => {
        let top = PLOT.height;
        return (
          <g key={at} class={isPartial ? 'part' : undefined}>
            {parts.map(({ tone, value }) => {
              if (value <= 0) return null;
              top -= height(value);
              return (
                <rect
                  key={tone}
                  class={tone}
                  x={round(at * step + (step - width) / 2)}
                  y={round(top)}
                  width={round(width)}
                  height={round(Math.max(height(value), 0.8))}
                />
              );
            })}
          </g>
        );
      })}
      <path class="before" d={before(stacks) ?? ''} />
    </>
  );
}
