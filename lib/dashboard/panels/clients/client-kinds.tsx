import type { JSX } from 'preact';
import { rowLink } from '../../components/links.js';
import { Text } from '../../components/names.js';
import { Value } from '../../components/value.js';
import { percent } from '../../format/numbers.js';
import { shareOf, type AnyRow } from '../metrics.js';
import type { PanelContext } from '../panel-context.js';

/** The shares of people, libraries, services and bots. */
export function ClientKinds({
  context,
  rows,
  all,
}: {
  context: PanelContext;
  rows: readonly AnyRow[];
  all: number;
}): JSX.Element {
  return (
    <p class="kinds">
      {rows.map((row) => (
        <a
          key={String(row['kind'])}
          class="tag"
          href={rowLink(context, 'kind', row['kind'] as string)?.href}
        >
          <Text of={String(row['kind'])} /> <Value of={shareOf(row.hits ?? 0, all)} as={percent} />
        </a>
      ))}
    </p>
  );
}
