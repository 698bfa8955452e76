import type { JSX } from 'preact';
import { RowName } from '../../components/data-table.js';
import { rowLink } from '../../components/links.js';
import { Name } from '../../components/names.js';
import { Value } from '../../components/value.js';
import { count, percent, text } from '../../format/numbers.js';
import { shownText } from '../../format/shown-text.js';
import { filterValueOf, type FilterValue } from '../../state/filter-value.js';
import { isSame, type Filter } from '../../state/filters.js';
import { linkTo, withFilter } from '../../state/page-state.js';
import type { PanelContext } from '../panel-context.js';
import type { Client } from './client-list.js';

const VERSIONS = 5;
const MOST_VERSIONS = 20;
const MOST_CHARACTERS = 24;

/** The least width of the bar on a phone, and on a page that is wide enough for `.spare`. */
const NARROW = 290;
const WIDE = 570;
/** What a character takes, and the room around a label. */
const CHARACTER = 7.2;
const PADDING = 12;

/** A client, its share, and those of its versions. */
export function ClientRow({
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
  const link = linkOf(context, client);
  const estimate = context.parts.source.isSampled ? '~' : '';
  let from = 0;
  return (
    <tr class={link?.isOn ? 'on' : undefined} data-row>
      <th scope="row">
        <RowName {...link}>
          <Name dimension="client" of={client.name} />
        </RowName>
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
                  <title>{`${shownText(version || 'no version', 60)}: ${estimate}${text(count(hits))}`}</title>
                  <rect class={`v${at}`} x={`${x}%`} width={`${width}%`} height="100%" />
                  <VersionLabel version={version || 'no version'} at={x} width={width} />
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

/** A version's name within its part, if it has room there: nothing of it is cut off. */
function VersionLabel({ version, at, width }: { version: string; at: number; width: number }) {
  const label = shownText(version, MOST_CHARACTERS);
  const size = label.length * CHARACTER + PADDING;
  if (width * WIDE < size * 100) return null;
  return (
    <text class={width * NARROW < size * 100 ? 'spare' : undefined} x={`${at}%`} dx="7" y="14">
      {label}
    </text>
  );
}

/** The name of a client filters by all of its versions, unless they are many. */
function linkOf({ state }: PanelContext, { name, versions }: Client) {
  const values = name === null ? [null] : versions.map(({ value }) => filterValueOf(value));
  if (values.length > MOST_VERSIONS || values.includes(undefined)) return undefined;
  const filter: Filter = { field: 'client', operator: 'is', values: values as FilterValue[] };
  return {
    href: linkTo(state, { filters: withFilter(state.filters, filter) }),
    isOn: state.filters.some((each) => isSame(each, filter)),
  };
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
