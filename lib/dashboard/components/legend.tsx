import type { ComponentChildren, JSX } from 'preact';

export function Legend({
  items,
}: {
  items: readonly (readonly [tone: string, label: string])[];
}): JSX.Element {
  return (
    <ul class="legend">
      {items.map(([tone, label]) => (
        <li key={tone}>
          <span class={`k ${tone}`} aria-hidden="true" />
          {label}
        </li>
      ))}
    </ul>
  );
}

/** A chart's figures as a table: for who cannot see the chart, and for what stands at the pointer. */
export function Figures({
  caption,
  heads,
  rows,
}: {
  caption: string;
  heads: readonly string[];
  rows: readonly { key: string; head: string; cells: readonly ComponentChildren[] }[];
}): JSX.Element {
  return (
    <details class="figures">
      <summary>Figures</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
        <table>
          <caption class="sr">{caption}</caption>
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, head, cells }) => (
              <tr key={key}>
                <th scope="row">{head}</th>
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
