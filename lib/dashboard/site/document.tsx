import type { JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { Consumer, Name } from '../components/names.js';
import type { ConsumerNamesById } from '../data/consumer-names.js';
import { shownText } from '../format/shown-text.js';
import type { PanelContext } from '../panels/panel-context.js';
import { linkTo } from '../state/page-state.js';

interface Head {
  /** What stands before the names of files in links. */
  readonly base: string;
  readonly title: string | null;
  /** Where browsers without scripts find all panels; null if that is here. */
  readonly whole: string | null;
  /** When the page was asked for; absent if it has no panels. */
  readonly at?: number;
}

export function documentStart({ base, title, whole, at }: Head): string {
  const head = renderToString(
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width,initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{title === null ? 'Usage' : `Usage of ${shownText(title, 60)}`}</title>
      <link rel="icon" href={`${base}icon.svg`} />
      <link rel="stylesheet" href={`${base}style.css`} />
      <script src={`${base}script.js`} defer />
      {whole !== null && (
        <noscript>
          <meta http-equiv="refresh" content={`0; url=${whole}`} />
        </noscript>
      )}
    </head>,
  );
  const skip = renderToString(
    <a class="skip" href="#main">
      To the figures
    </a>,
  );
  const asked = at === undefined ? '' : ` data-at="${at}"`;
  return `<!doctype html><html lang="en">${head}<body data-base="${base}"${asked}>${skip}`;
}

export function documentEnd(): string {
  return `${renderToString(
    <footer class="in">
      nestjs-track-usage{' '}
      <span class="script">
        · keys <kbd>?</kbd>
      </span>
    </footer>,
  )}</body></html>`;
}

/** What a page of its own is about; the overview needs no words. */
export function ViewHeading({
  context,
  names,
}: {
  context: PanelContext;
  names: ConsumerNamesById;
}): JSX.Element {
  const { state } = context;
  const { view } = state;
  if (view.kind === 'overview') return <h1 class="sr">Usage</h1>;
  const back = (
    <a class="back" href={linkTo(state, { view: { kind: 'overview' } })}>
      ← all
    </a>
  );
  if (view.kind === 'record')
    return (
      <div class="heading">
        {back}
        <h1>Request</h1>
      </div>
    );
  return (
    <div class="heading">
      {back}
      <h1>
        {view.kind === 'route' ? (
          <Name dimension="route" of={view.value} />
        ) : (
          <Consumer id={view.value} names={names} />
        )}
      </h1>
    </div>
  );
}
