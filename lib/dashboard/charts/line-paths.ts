import { line } from 'd3-shape';

/** The value of one bucket of a line. Null is a gap. */
export interface Point {
  readonly value: number | null;
  /** Whether the bucket is not over, or cut. */
  readonly isPartial: boolean;
}

/** Of a point's place, by its number; of a value. */
type Scale = (value: number) => number;

/**
 * A line over buckets in two parts: what is over, and what leads to or from buckets that are not. A
 * value alone between gaps is a dash.
 *
 * @param dash The length of such a dash.
 */
export function linePaths(
  points: readonly Point[],
  x: Scale,
  y: Scale,
  dash: number,
): { whole: string; partial: string } {
  const place = (at: number) => `${round(x(at))},${round(y(points[at]!.value!))}`;
  const has = (at: number) => (points[at]?.value ?? null) !== null;
  const whole = line<Point>()
    .defined(({ value, isPartial }) => value !== null && !isPartial)
    .x((_, at) => round(x(at)))
    .y(({ value }) => round(y(value!)))(points);
  const parts = { whole: whole ?? '', partial: '' };
  points.forEach(({ value, isPartial }, at) => {
    if (value === null) return;
    if (!has(at - 1) && !has(at + 1))
      parts[isPartial ? 'partial' : 'whole'] +=
        `M${round(x(at) - dash / 2)},${round(y(value))}h${round(dash)}`;
    if (has(at + 1) && (isPartial || points[at + 1]!.isPartial))
      parts.partial += `M${place(at)}L${place(at + 1)}`;
  });
  return parts;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
