import { Sparkline } from '../charts/sparkline.js';
import { Advice } from '../components/advice.js';
import { DataTable } from '../components/data-table.js';
import { Empty } from '../components/empty.js';
import { footOfRest, MEASURED, measureCells, measureColumns } from '../components/measure-cells.js';
import { rowLink } from '../components/links.js';
import { Name } from '../components/names.js';
import { PanelNote } from '../components/panel-note.js';
import { MoreLink, ordered } from '../components/panel-parts.js';
import { exported } from './exported.js';
import type { AnyRow } from './metrics.js';
import type { Panel } from './panel.js';
import type { PanelContext } from './panel-context.js';
import { courses, orderOf, ranked, rowsOf } from './ranked.js';

const NAME = 'routes';
const METRICS = [...MEASURED, 'lastSeen'] as const;

/** Which routes are called: how often, how fast, with how many errors. */
export const routes: Panel = {
  name: NAME,
  title: 'Routes',
  size: 'row',
  exports: (context) => [exported(context, 'Routes', ['route'], METRICS)],
  async load(context) {
    const limit = rowsOf(context, NAME);
    const metrics = context.parts.visible.metrics(METRICS);
    const order = orderOf(context, NAME, metrics, 'hits');
    const [report, lines] = await Promise.all([
      ranked(context, 'route', metrics, order, limit),
      courses(context, 'route', order === 'hits' ? limit : 1000),
    ]);
    if (report.groups === 0) return { body: <Empty context={context} /> };
    const rows = report.rows as AnyRow[];
    const most = Math.max(...rows.map((row) => row.hits ?? 0));
    const { rest } = report;
    return {
      note: (
        <PanelNote context={context} reports={[report, lines.report]}>
          {report.groups} called{context.filters.length > 0 && ' with these filters'}
        </PanelNote>
      ),
      body: (
        <>
          <DataTable
            name={NAME}
            label="Routes"
            columns={columnsOf(context, order)}
            rows={rows.map((row) => ({
              key: String(row['route']),
              head: <Name dimension="route" of={row['route'] as string | null} />,
              ...rowLink(context, 'route', row['route'] as string | null),
              share: (row.hits ?? 0) / most,
              cells: [
                ...measureCells(context, row),
                row.lastSeen && context.dates.ago(row.lastSeen),
                <Sparkline key="course" points={lines.byGroup.get(row['route']) ?? []} />,
              ],
            }))}
            foot={footOfRest(context, NAME, rest, 1)}
          />
          <Advice context={context} needs={[{ dimensions: ['route'] }]} />
        </>
      ),
      side: !rest && <MoreLink context={context} panel={NAME} rest={false} />,
    };
  },
};

function columnsOf(context: PanelContext, order: string) {
  return [
    { name: 'route', label: 'Route' },
    ...measureColumns(context, NAME, order),
    ordered(context, NAME, order, {
      name: 'lastSeen',
      label: 'Last call',
      isNumber: true,
      isMinor: true,
    }),
    { name: 'course', label: 'Course', isQuiet: true, isMinor: true, isNumber: true },
  ];
}
