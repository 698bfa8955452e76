import { Advice } from '../components/advice.js';
import { DataTable } from '../components/data-table.js';
import { Delta } from '../components/delta.js';
import { Empty } from '../components/empty.js';
import { rowLink } from '../components/links.js';
import { Name } from '../components/names.js';
import { PanelNote } from '../components/panel-note.js';
import { MoreLink } from '../components/panel-parts.js';
import { Value } from '../components/value.js';
import { percent } from '../format/numbers.js';
import { shownText } from '../format/shown-text.js';
import { exported } from './exported.js';
import { numberOf, shareOf, type AnyRow } from './metrics.js';
import type { Panel } from './panel.js';
import type { PanelContext } from './panel-context.js';
import { ranked, rowsOf } from './ranked.js';

const FEW = 5;

/** The dimensions that always have a panel, with its title. */
export const STANDARD: readonly (readonly [dimension: string, title: string])[] = [
  ['country', 'Countries'],
  ['language', 'Languages'],
  ['server', 'Servers'],
  ['release', 'Releases'],
  ['apiVersion', 'API versions'],
];

/** The most frequent values of one dimension. */
export function breakdown(dimension: string, title: string): Panel {
  const name = `by-${dimension}`;
  return {
    name,
    title,
    size: 'quarter',
    exports: (context) => [exported(context, title, [dimension], ['hits'])],
    async load(context) {
      const report = await ranked(context, dimension, ['hits'], 'hits', rowsOf(context, name, FEW));
      const all = numberOf(report.totals, 'hits');
      const rows = report.rows as AnyRow[];
      const { rest } = report;
      if (rows.length === 0) return { body: <Empty context={context} /> };
      // A dimension that no request has says more by its hint than by a row.
      const isMissing = rows.every((row) => row[dimension] === null);
      if (isMissing) return { body: <p class="empty">{absenceOf(context, dimension)}</p> };
      const most = Math.max(...rows.map((row) => row.hits ?? 0));
      return {
        note: <PanelNote context={context} reports={[report]} />,
        body: (
          <>
            <DataTable
              name="small"
              label={title}
              columns={[
                { name: dimension, label: 'Value' },
                { name: 'share', label: 'Share', isNumber: true },
                { name: 'change', label: 'Change', isNumber: true },
              ]}
              rows={rows.map((row) => ({
                key: String(row[dimension]),
                head: <Name dimension={dimension} of={row[dimension] as string | null} />,
                ...rowLink(context, dimension, row[dimension] as string | null),
                share: (row.hits ?? 0) / most,
                cells: cellsOf(context, row, all),
              }))}
              foot={
                rest ? { head: `${rest.groups} more`, cells: cellsOf(context, rest, all) } : null
              }
            />
            <p class="more">
              <MoreLink context={context} panel={name} rest={rest !== null} />
            </p>
            <Advice context={context} needs={[{ dimensions: [dimension] }]} />
          </>
        ),
      };
    },
  };
}

function cellsOf(context: PanelContext, row: AnyRow, all: number | null) {
  return [
    <Value key="share" of={shareOf(row.hits ?? null, all)} as={percent} />,
    context.compare && (
      <Delta key="change" now={row.hits} before={numberOf(row.previous, 'hits')} />
    ),
  ];
}

/** Says that no request has a value, and how they get one, unless filters may have left those out. */
function absenceOf({ isFiltered }: PanelContext, dimension: string): string {
  const { name = `value of ${shownText(dimension, 60)}`, advice = null } = ABSENT[dimension] ?? {};
  if (isFiltered) return `No request with these filters has a ${name}.`;
  return [`No request has a ${name}.`, advice].filter(Boolean).join(' ');
}

const ABSENT: Readonly<Record<string, { readonly name: string; readonly advice?: string }>> = {
  country: { name: 'country', advice: 'The option geoIp looks them up.' },
  release: { name: 'release', advice: 'Set the option release.' },
  apiVersion: { name: 'version of the API' },
};
