import type { JSX } from 'preact';
import type { Shown } from '../format/numbers.js';

/** A figure as people read it, with the exact one in its markup. */
export function Value({
  of,
  as,
  isEstimate,
}: {
  of: number | null | undefined;
  as: (value: number) => Shown;
  isEstimate?: boolean;
}): JSX.Element {
  if (of === null || of === undefined) return <span class="muted">–</span>;
  const { number, unit } = as(of);
  return (
    <data value={String(of)}>
      {isEstimate && '~'}
      {number}
      {unit !== '' && <small>{unit}</small>}
    </data>
  );
}
