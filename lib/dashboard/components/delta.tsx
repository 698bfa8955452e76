import type { JSX } from 'preact';

/** Whether more is better, worse or neither. */
export type Meaning = 'good' | 'bad' | 'none';

export interface DeltaProps {
  readonly now: number | null | undefined;
  /** Null or undefined: there is nothing to compare with. */
  readonly before: number | null | undefined;
  /** A share changes in points, anything else in per cent. */
  readonly isShare?: boolean;
  /** What it means that there is more. */
  readonly more?: Meaning;
}

/** How a figure differs from that of the span before: an arrow, words, and a colour by meaning. */
export function Delta({
  now,
  before,
  isShare = false,
  more = 'none',
}: DeltaProps): JSX.Element | null {
  if (now === null || now === undefined || before === null || before === undefined) return null;
  if (!isShare && before === 0)
    return <span class="delta">{now > 0 ? <span class="tag">new</span> : '· 0 %'}</span>;
  const change = isShare ? (now - before) * 100 : (now / before - 1) * 100;
  const digits = Math.abs(change) < 9.95 ? (isShare ? 2 : 1) : 0;
  const size = Math.abs(change).toFixed(digits);
  const isFlat = Number(size) === 0;
  const isMore = change > 0;
  const meaning = isFlat || more === 'none' ? '' : isMore === (more === 'good') ? ' good' : ' bad';
  return (
    <span class={`delta${meaning}`}>
      <span class="arrow" aria-hidden="true">
        {isFlat ? '·' : isMore ? '▲' : '▼'}
      </span>{' '}
      {size} {isShare ? 'points' : '%'}
      <span class="sr">
        {isFlat ? ' as before' : isMore ? ' more than before' : ' less than before'}
      </span>
    </span>
  );
}
