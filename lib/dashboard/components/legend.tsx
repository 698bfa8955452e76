import type { ComponentChildren, JSX } from 'preact';

/** A label, and the name of what is drawn in the colour or the form before it. */
export type LegendItem = readonly [tone: string, label: string];

/** Of bars whose buckets are not over, or cut. */
export const PARTIAL: LegendItem = ['partial', 'not over yet, or cut'];

export function Legend({ items }: { items: readonly LegendItem[] }): JSX.Element {
  return (
    <ul class="legend">
      {items.map(([tone, label]) => (
        <li key={tone}>
          <Key tone={tone} />
          {label}
        </li>
      ))}
    </ul>
  );
}

function Key({ tone }: { tone: string }): JSX.Element {
  return <span class={`k ${tone}`} aria-hidden="true" />;
}

/** A chart's figures as a table: for who cannot see the chart, and for what stands at the pointer. */
export function Figures({
  caption,
  heads,
  rows,
}: {
  caption: string;
  /** Those of the columns; that of what is drawn with its colour. */
  heads: readonly (string | LegendItem)[];
  rows: readonly {
    key: string;
    head: string;
    isPartial: boolean;
    cells: readonly ComponentChildren[];
  }[];
}): JSX.Element {
  return (
    <details class="figures">
      <summary>Figures</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
        <table>
          <caption class="sr">{caption}</caption>
          <thead>
            <tr>
              {heads.map((head, at) => (
                <th key={at} scope="col">
                  {typeof head === 'string' ? (
                    head
                  ) : (
                    <>
                      <Key tone={head[0]} />
                      {head[1]}
                    </>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, head, isPartial, cells }) => (
              <tr key={key}>
                <th scope="row">
                  {head}
                  {isPartial && ' (part)'}
                </th>
                {cells.map((cell, at) => (
                  <td key={at} class="n">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
