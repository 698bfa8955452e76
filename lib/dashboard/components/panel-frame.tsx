import type { JSX } from 'preact';
import type { Panel, PanelContent } from '../panels/panel.js';

/** A panel in one of its states: shown, not there yet, or failed. */
export function PanelFrame({
  panel,
  content,
  isWaiting = false,
  failure = null,
  span,
}: {
  panel: Panel;
  content: PanelContent | null;
  /** Whether a script has to ask for the panel, or for the whole of it. */
  isWaiting?: boolean;
  failure?: string | null;
  /** The span that it shows, in words. */
  span?: string;
}): JSX.Element {
  const { name, title, size = 'row' } = panel;
  const id = `${name}-title`;
  const isBare = size === 'bare';
  return (
    <section
      class={isBare ? 'bare' : `panel ${size}`}
      id={name}
      data-panel={name}
      data-wait={isWaiting ? '' : undefined}
      data-span={span}
      data-failed={failure === null ? undefined : ''}
      aria-labelledby={id}
      aria-busy={isWaiting && content === null ? 'true' : undefined}
    >
      <header class={isBare ? 'sr' : undefined}>
        <h2 id={id}>{title}</h2>
        {content?.note && <p class="note">{content.note}</p>}
        {content?.side && <p class="side">{content.side}</p>}
      </header>
      {failure !== null && <p class="failure">{failure}</p>}
      {content?.body}
      {content === null && failure === null && <p class="empty">counting …</p>}
    </section>
  );
}
