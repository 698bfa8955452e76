import type { JSX } from 'preact';
import { bucketTicks, valueAxis } from '../charts/axes.js';
import { Frame } from '../charts/frame.js';
import { StackedBars } from '../charts/stacked-bars.js';
import { Empty } from '../components/empty.js';
import { Figures, Legend } from '../components/legend.js';
import { rowLink } from '../components/links.js';
import { Name, Text } from '../components/names.js';
import { MoreLink, SourceNote } from '../components/panel-parts.js';
import { Value } from '../components/value.js';
import { percent } from '../format/numbers.js';
import { shownText } from '../format/shown-text.js';
import { clientParts } from '../../summary/index.js';
import { numberOf, shareOf, type AnyRow } from './metrics.js';
import type { Panel } from './panel.js';
import type { PanelContext } from './panel-context.js';
import { rowsOf } from './ranked.js';

const NAME = 'clients';
const FEW = 6;
const VERSIONS = 5;
/** Clients with a colour of their own over time. */
const COLOURED = 4;
const MOST = 2000;

interface Client {
  /** Null: requests without a client's name, or folded ones. */
  readonly name: string | null;
  readonly hits: number;
  /** The most used first. */
  readonly versions: readonly {
    readonly value: string;
    readonly version: string;
    readonly hits: number;
  }[];
}

/** With which clients, and which versions of them; their shares over time; their kinds. */
export const clients: Panel = {
  name: NAME,
  title: 'Clients',
  size: 'row',
  async load(context) {
    const { interval } = context.range;
    const [report, course, kinds] = await Promise.all([
      context.report({ metrics: ['hits'], dimensions: ['client'], limit: MOST }),
      context.report({ metrics: ['hits'], dimensions: ['client'], interval, limit: MOST }),
      context.parts.visible.hides('kind')
        ? null
        : context.later(context.report({ metrics: ['hits'], dimensions: ['kind'] })),
    ]);
    const all = numberOf(report.totals, 'hits') ?? 0;
    if (all === 0) return { body: <Empty context={context} /> };
    const grouped = clientsOf(report.rows);
    const limit = rowsOf(context, NAME, FEW);
    const shown = grouped.slice(0, limit);
    const left = all - shown.reduce((sum, { hits }) => sum + hits, 0);
    return {
      note: (
        <>
          share of requests, and of each its versions{' '}
          <SourceNote context={context} report={report} />
        </>
      ),
      side: <MoreLink context={context} panel={NAME} rest={grouped.length > limit} />,
      body: (
        <>
          <div class="scroll" tabIndex={0} role="region" aria-label="Clients and their versions">
            <table class="list clients">
              <thead class="sr">
                <tr>
                  <th scope="col">Client</th>
                  <th scope="col">Share</th>
                  <th scope="col">Versions</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((client) => (
                  <ClientRow key={client.name} context={context} client={client} all={all} />
                ))}
              </tbody>
              {left > 0 && (
                <tfoot>
                  <tr>
                    <th scope="row">{Math.max(grouped.length - shown.length, 0)} more</th>
                    <td class="n">
                      <Value of={left / all} as={percent} />
                    </td>
                    <td />
                  </tr>
                </tfoot>
              )}
            </table>
          </div>
          <Course context={context} rows={course.rows} clients={grouped} />
          {kinds && <Kinds context={context} rows={kinds.rows} all={all} />}
        </>
      ),
    };
  },
};

function ClientRow({
  context,
  client,
  all,
}: {
  context: PanelContext;
  client: Client;
  all: number;
}): JSX.Element {
  const versions = client.versions.slice(0, VERSIONS);
  const rest = client.hits - versions.reduce((sum, { hits }) => sum + hits, 0);
  let from = 0;
  return (
    <tr data-row>
      <th scope="row">
        <span class="name">
          <Name dimension="client" of={client.name} />
        </span>
      </th>
      <td class="n">
        <Value of={client.hits / all} as={percent} />
      </td>
      <td class="wide">
        <svg class="share" role="group" aria-label={versionsText(client)}>
          {[...versions, ...(rest > 0 ? [{ value: null, version: 'others', hits: rest }] : [])].map(
            ({ value, version, hits }, at) => {
              const x = from;
              const width = (hits / client.hits) * 100;
              from += width;
              const link = value === null ? undefined : rowLink(context, 'client', value);
              const part = (
                <>
                  <title>{`${shownText(version || 'no version', 60)}: ${hits}`}</title>
                  <rect class={`v${at}`} x={`${x}%`} width={`${width}%`} height="100%" />
                  {width > 9 && (
                    <text x={`${x}%`} dx="7" y="14">
                      {shownText(version || 'no version', Math.floor(width / 2) + 3)}
                    </text>
                  )}
                </>
              );
              return link ? (
                <a key={at} href={link.href}>
                  {part}
                </a>
              ) : (
                <g key={at}>{part}</g>
              );
            },
          )}
        </svg>
      </td>
    </tr>
  );
}

function versionsText({ versions, hits }: Client): string {
  if (versions.length === 0) return 'no version named';
  return versions
    .slice(0, VERSIONS)
    .map(
      (each) =>
        `${shownText(each.version || 'no version', 40)} ${((each.hits / hits) * 100).toFixed(1)} %`,
    )
    .join(', ');
}

/** The shares of the most used clients over time. */
function Course({
  context,
  rows,
  clients: grouped,
}: {
  context: PanelContext;
  rows: readonly AnyRow[];
  clients: readonly Client[];
}): JSX.Element {
  const { dates, range } = context;
  const coloured = grouped.slice(0, COLOURED).map(({ name }) => name);
  const buckets = new Map<number, { values: number[]; isPartial: boolean }>();
  for (const row of rows) {
    const at = row.date!.getTime();
    const bucket = buckets.get(at) ?? {
      values: new Array<number>(coloured.length + 1).fill(0),
      isPartial: row.partial === true,
    };
    buckets.set(at, bucket);
    const place = coloured.indexOf(splitClient(row['client']).name);
    bucket.values[place < 0 ? coloured.length : place]! += row.hits ?? 0;
  }
  const course = [...buckets].sort(([one], [other]) => one - other);
  const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const { share, ticks } = valueAxis(1 / 1.04, percent);
  const labels = [...coloured.map((name) => shownText(name ?? 'no client named', 40)), 'others'];
  return (
    <>
      <h3>Share over time</h3>
      <Frame
        name="low"
        label={`Share of each client by ${range.interval}`}
        x={bucketTicks(
          course.map(([at]) => new Date(at)),
          range.interval,
          dates,
        )}
        y={ticks}
      >
        <StackedBars
          share={(value) => share(value) / 1.04}
          stacks={course.map(([, { values, isPartial }]) => ({
            isPartial,
            before: null,
            parts: values.map((value, at) => ({
              tone: `c${at}`,
              value: shareOf(value, sumOf(values)) ?? 0,
            })),
          }))}
        />
      </Frame>
      <Legend items={labels.map((label, at) => [`c${at}`, label] as const)} />
      <Figures
        caption="Share of each client over time"
        heads={[range.interval, ...labels]}
        rows={course.map(([at, { values }]) => ({
          key: String(at),
          head: dates.bucket(new Date(at), range.interval),
          cells: values.map((value) => (
            <Value key={value} of={shareOf(value, sumOf(values))} as={percent} />
          )),
        }))}
      />
    </>
  );
}

function Kinds({
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

function clientsOf(rows: readonly AnyRow[]): Client[] {
  const found = new Map<string | null, { hits: number; versions: Client['versions'][number][] }>();
  for (const row of rows) {
    const { name, version } = splitClient(row['client']);
    const hits = row.hits ?? 0;
    const known = found.get(name) ?? { hits: 0, versions: [] };
    found.set(name, known);
    known.hits += hits;
    if (name !== null) known.versions.push({ value: row['client'] as string, version, hits });
  }
  return [...found]
    .map(([name, client]) => ({ name, ...client }))
    .sort((one, other) => other.hits - one.hits);
}

/** The name and the version of a client: `MyShop 4.12.0`. */
function splitClient(client: unknown): { name: string | null; version: string } {
  const { name, version } = clientParts(typeof client === 'string' ? client : null);
  return { name, version: version ?? '' };
}
