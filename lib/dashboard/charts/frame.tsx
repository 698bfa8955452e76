import type { ComponentChildren, JSX } from 'preact';
import { placed, type Mark } from './marks.js';

/** The height of a plot's inner coordinates, and their width. */
export const PLOT = { width: 1000, height: 260 } as const;

/** A label on an axis, at a share of its length from 0 to 1. */
export interface Tick {
  readonly at: number;
  readonly label: string;
  /** Left out where there is little room. */
  readonly isMinor?: boolean;
}

/**
 * The axes of a chart. Labels are text at shares of the width, so that they keep their size; the
 * shapes in between are stretched.
 */
export function Frame({
  name,
  label,
  x,
  y,
  marks = [],
  children,
}: {
  name: string;
  label: string;
  x: readonly Tick[];
  y: readonly Tick[];
  marks?: readonly Mark[];
  children: ComponentChildren;
}): JSX.Element {
  return (
    <figure class={`chart ${name}`} role="img" aria-label={label}>
      <svg class="y" aria-hidden="true">
        {y.map(({ at, label: text }) => (
          <text key={text} x="100%" y={share(1 - at)} dy="4" text-anchor="end">
            {text}
          </text>
        ))}
      </svg>
      <svg class="plot" aria-hidden="true">
        {y.map(({ at, label: text }) => (
          <line key={text} class="grid" x1="0" x2="100%" y1={share(1 - at)} y2={share(1 - at)} />
        ))}
        <svg
          viewBox={`0 0 ${PLOT.width} ${PLOT.height}`}
          preserveAspectRatio="none"
          width="100%"
          height="100%"
        >
          {children}
        </svg>
        {placed(marks).map(({ at, label: text, title, room, isBefore }) => (
          <g key={at} class="mark">
            <title>{title}</title>
            <line x1={share(at)} x2={share(at)} y1="-14" y2="100%" />
            {room !== 'none' && (
              <text
                class={room === 'wide' ? 'minor' : undefined}
                x={share(at)}
                y="-4"
                dx={isBefore ? -4 : 4}
                text-anchor={isBefore ? 'end' : undefined}
              >
                {text}
              </text>
            )}
          </g>
        ))}
      </svg>
      <svg class="x" aria-hidden="true">
        {x.map(({ at, label: text, isMinor }, place) => (
          <text
            key={place}
            class={isMinor ? 'minor' : undefined}
            x={share(at)}
            y="14"
            text-anchor={at < 0.04 ? 'start' : at > 0.96 ? 'end' : 'middle'}
          >
            {text}
          </text>
        ))}
      </svg>
    </figure>
  );
}

function share(part: number): string {
  return `${Math.round(part * 10_000) / 100}%`;
}
