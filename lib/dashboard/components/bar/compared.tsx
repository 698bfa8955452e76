import type { JSX } from 'preact';
import type { PanelContext } from '../../panels/panel-context.js';
import { COMPARISONS } from '../../panels/traffic.js';
import { linkTo } from '../../state/page-state.js';

/** The span that the shown one is compared with. */
export function Compared({ context: { state } }: { context: PanelContext }): JSX.Element {
  const { compare } = state;
  const choices = [...Object.entries(COMPARISONS), ['off', 'nothing']] as const;
  return (
    <details class="menu cmp" data-compare>
      <summary>
        compared with <b>{compare ? COMPARISONS[compare] : 'nothing'}</b>
      </summary>
      <div class="pop">
        {choices.map(([name, label]) => (
          <a
            key={name}
            href={linkTo(state, { compare: name === 'off' ? null : (name as 'week') })}
            aria-current={(compare ?? 'off') === name ? 'true' : undefined}
          >
            {label}
          </a>
        ))}
      </div>
    </details>
  );
}
