import { setImmediate as turn } from 'node:timers/promises';
import { renderToString } from 'preact-render-to-string';
import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import { Bar } from '../components/bar/bar.js';
import { spanOf } from '../components/bar/zone.js';
import { PanelFrame } from '../components/panel-frame.js';
import type { ConsumerNamesById } from '../data/consumer-names.js';
import { thrownText } from '../format/failure.js';
import { shownText } from '../format/shown-text.js';
import { html, type Answer, type DashboardRequest } from '../http/answer.js';
import type { Panel } from '../panels/panel.js';
import type { PanelContext } from '../panels/panel-context.js';
import { panelsOf } from '../panels/panels.js';
import { recordOf } from '../panels/record.js';
import { readState, writeState, type PageState } from '../state/page-state.js';
import { addedFilter } from '../state/added-filter.js';
import { filterFields } from './filter-fields.js';
import { documentEnd, documentStart, ViewHeading } from './document.js';
import { pageContext } from './page-context.js';
import type { Site } from './site.js';
import type { Turns } from './turns.js';

/** What the first answer waits for the panels. Those that take longer are asked for afterwards. */
const PATIENCE_MS = 400;

/** How old a page may be whose panels are still asked for as of then. */
const MOST_AGE_MS = 60_000;

/** The page. It begins at once; the panels follow in their order. */
export async function pageAnswer(site: Site, request: DashboardRequest): Promise<Answer> {
  const state = readState(request.query);
  const added = addedFilter(request.query, state);
  if (added !== null) return { status: 302, headers: { Location: added }, body: '' };
  const deadline = state.whole
    ? null
    : new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  const { context, service } = await pageContext(site, state, request, deadline);
  const status = (await isFound(context)) ? 200 : 404;
  return html(pageOf(site, request, context, service, deadline), status);
}

/** Whether there is what the page is of. A storage that fails is told of by the panel. */
async function isFound(context: PanelContext): Promise<boolean> {
  const { view } = context.state;
  if (view.kind !== 'record') return true;
  if (!context.parts.records) return false;
  // The panel asks the same, and shares the answer.
  const found = recordOf(context, view.id);
  return found.then(
    (record) => record !== null,
    () => true,
  );
}

/**
 * One panel, in full. The parameter `at` is when its page was asked for: the panel then shows the same
 * span, and shares what the page has asked already.
 */
export async function panelAnswer(site: Site, request: DashboardRequest): Promise<Answer> {
  const state = readState(request.query);
  const now = Date.now();
  const at = Number(request.query.get('at') ?? NaN);
  const isRecent = Math.abs(now - at) < MOST_AGE_MS;
  const { context } = await pageContext(site, state, request, null, isRecent ? at : now);
  const name = request.query.get('name');
  const panel = panelsOf(state.view, site.parts, site.options.dimensions).find(
    (each) => each.name === name,
  );
  if (!panel) throw new UsageQueryError('name', name, 'the name of a panel of this view');
  const shown = await loaded(panel, context, site.turns);
  request.signal.throwIfAborted();
  return html(shown);
}

/** @param field What of the query cannot be shown; null if the query is not at fault. */
export function failurePage(
  { base, query }: DashboardRequest,
  status: number,
  message: string,
  field: string | null = null,
): Answer {
  const faulty = field === null ? [] : faultyParameters(query, field);
  const others = new URLSearchParams([...query].filter(([name]) => !faulty.includes(name)));
  const body = renderToString(
    <main id="main" class="alone">
      <h1>This cannot be shown</h1>
      <p class="failure">{message}</p>
      <p>
        <a href={`?${others}`}>
          {faulty.length === 0 ? 'Try again' : `Go on without ${shownText(faulty.join(', '), 80)}`}
        </a>
        {' · '}
        <a href="?">To the whole usage</a>
      </p>
    </main>,
  );
  return html(documentStart({ base, title: null, whole: null }) + body + documentEnd(), status);
}

/** The parameters that the field of an error is made of. */
function faultyParameters(query: URLSearchParams, field: string): string[] {
  const names = [...new Set(query.keys())];
  // Dates are at fault together.
  if (field === 'start' || field === 'end')
    return names.filter((name) => name === 'start' || name === 'end');
  // `where.status=x` is asked as a list, and so are several of `where.status.not`.
  const asked = [field, field.replace(/\.in$/, ''), field.replace(/\.notIn$/, '.not')];
  return names.filter((name) => asked.includes(name) || name.startsWith(`${field}.`));
}

async function* pageOf(
  site: Site,
  { base }: DashboardRequest,
  context: PanelContext,
  service: string | null,
  deadline: Promise<null> | null,
): AsyncGenerator<string> {
  const { parts, options, turns } = site;
  const { state } = context;
  const named = parts.visible.hides('service') ? null : parts.source.service;
  const title = options.title ?? named;
  const panels = panelsOf(state.view, parts, options.dimensions);
  const work = panels.map((panel) => loaded(panel, context, turns));
  for (const each of work) each.catch(() => undefined);
  const names = await namesOf(context, deadline);
  const bar = (
    <Bar
      context={context}
      title={title}
      panels={panels}
      base={base}
      service={service}
      names={names}
      fields={filterFields(parts, options.dimensions)}
    />
  );
  yield (
    documentStart({
      base,
      title,
      whole: state.whole ? null : wholeLink(state),
      at: context.now,
    }) +
    renderToString(bar) +
    '<main id="main">' +
    renderToString(<ViewHeading context={context} names={names} />)
  );
  // At the deadline, panels leave out what they wait for. They get their turns to write the rest.
  const end = deadline && deadline.then(turn).then(async () => (await turns.next(), null));
  let isInQuarters = false;
  for (const [at, panel] of panels.entries()) {
    const isQuarter = panel.size === 'quarter';
    if (isQuarter !== isInQuarters) yield isQuarter ? '<div class="four">' : '</div>';
    isInQuarters = isQuarter;
    const shown = end === null ? await work[at]! : await Promise.race([work[at]!, end]);
    yield shown ?? renderToString(<PanelFrame panel={panel} content={null} isWaiting />);
  }
  yield `${isInQuarters ? '</div>' : ''}</main>${documentEnd()}`;
}

/** The names of the consumers that the address names; none if the first answer cannot wait for them. */
async function namesOf(
  { parts, state }: PanelContext,
  deadline: Promise<null> | null,
): Promise<ConsumerNamesById> {
  const { view, filters } = state;
  const ofFilters = filters
    .filter(({ field }) => field === 'consumer')
    .flatMap(({ values }) => values);
  const ids = view.kind === 'consumer' ? [view.value, ...ofFilters] : ofFilters;
  const names = parts.names.of(ids);
  return (deadline === null ? await names : await Promise.race([names, deadline])) ?? new Map();
}

/** The text of a panel, whether it could be loaded or not. */
async function loaded(panel: Panel, page: PanelContext, turns: Turns): Promise<string> {
  const context = page.forPanel();
  try {
    const content = await panel.load(context);
    await turns.next();
    return renderToString(
      <PanelFrame
        panel={panel}
        content={content}
        isWaiting={context.isPartial}
        span={spanOf(context)}
      />,
    );
  } catch (error) {
    return renderToString(
      <PanelFrame panel={panel} content={null} failure={failureOf(context, error)} />,
    );
  }
}

function failureOf({ parts }: PanelContext, error: unknown): string {
  const { storage } = parts.source;
  if (error instanceof UsageQueryError)
    return `Storage '${storage}' cannot tell: ${thrownText(error)}`;
  return `Storage '${storage}' failed: ${thrownText(error)}`;
}

function wholeLink(state: PageState): string {
  return `?${writeState({ ...state, whole: true })}`;
}
