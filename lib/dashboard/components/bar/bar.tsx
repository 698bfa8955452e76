import type { JSX } from 'preact';
import { shownText } from '../../format/shown-text.js';
import type { Panel } from '../../panels/panel.js';
import { linkTo } from '../../state/page-state.js';
import { Chips, type ChipsProps } from './chips.js';
import { Compared } from './compared.js';
import { ExportMenu } from './export-menu.js';
import { Ranges } from './ranges.js';

export interface BarProps extends ChipsProps {
  readonly title: string | null;
  /** The panels of the view, whose data can be exported. */
  readonly panels: readonly Panel[];
  /** What stands before the names of files in links. */
  readonly base: string;
}

/** The bar that stays: what is seen, and how to see something else. */
export function Bar(props: BarProps): JSX.Element {
  const { context, title, panels, base, fields, service, names } = props;
  const { state } = context;
  // One request has no range, and nothing of it is left out.
  const isList = state.view.kind !== 'record';
  return (
    <header class="top">
      <div class="in">
        <a class="home" href="?">
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <rect x="2" y="11" width="4" height="7" rx="1" />
            <rect x="8" y="6" width="4" height="12" rx="1" />
            <rect x="14" y="2" width="4" height="16" rx="1" />
          </svg>
          Usage {title !== null && <span>{shownText(title, 40)}</span>}
        </a>
        {isList && <Ranges context={context} />}
        {isList && <Compared context={context} />}
        <div class="tools">
          {context.isOpen && (
            <button type="button" class="btn script" data-live aria-pressed="false">
              <i aria-hidden="true" />
              Live
            </button>
          )}
          {isList ? (
            <ExportMenu context={context} panels={panels} base={base} />
          ) : (
            <a class="btn" href={linkTo(state, { view: { kind: 'overview' } })}>
              All requests
            </a>
          )}
        </div>
      </div>
      {isList && (
        <div class="in chips">
          <Chips context={context} fields={fields} service={service} names={names} />
        </div>
      )}
    </header>
  );
}
