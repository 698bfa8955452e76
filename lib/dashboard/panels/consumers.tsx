import type { UsageReport } from '../../storages/contract/usage-report.js';
import { Sparkline } from '../charts/sparkline.js';
import { Advice } from '../components/advice.js';
import { DataTable } from '../components/data-table.js';
import { Empty } from '../components/empty.js';
import { footOfRest, MEASURED, measureCells, measureColumns } from '../components/measure-cells.js';
import { rowLink } from '../components/links.js';
import { Consumer, Name } from '../components/names.js';
import { PanelNote } from '../components/panel-note.js';
import { MoreLink, ordered } from '../components/panel-parts.js';
import { exported } from './exported.js';
import type { AnyRow } from './metrics.js';
import type { Panel } from './panel.js';
import type { PanelContext } from './panel-context.js';
import { courses, orderOf, ranked, rowsOf } from './ranked.js';

const NAME = 'consumers';
const METRICS = [...MEASURED, 'lastSeen'] as const;
const THEY = { dimensions: ['consumer'] };
const THEIR_CLIENTS = { dimensions: ['consumer', 'client'], of: 'Their clients are' };

/** Who calls, by the names that the application gives. */
export const consumers: Panel = {
  name: NAME,
  title: 'Consumers',
  size: 'row',
  exports(context) {
    const { visible } = context.parts;
    return [
      exported(context, 'Consumers', ['consumer'], [...METRICS, 'firstSeen']),
      ...(visible.hides('client')
        ? []
        : [exported(context, 'Consumers and clients', ['consumer', 'client'], ['hits'])]),
    ];
  },
  async load(context) {
    const limit = rowsOf(context, NAME);
    const metrics = context.parts.visible.metrics(METRICS);
    const order = orderOf(context, NAME, metrics, 'hits');
    const [report, lines] = await Promise.all([
      ranked(context, 'consumer', metrics, order, limit),
      courses(context, 'consumer', order === 'hits' ? limit : 1000),
    ]);
    if (report.groups === 0) return { body: <Empty context={context} /> };
    const rows = report.rows as AnyRow[];
    const ids = rows.map((row) => row['consumer']);
    const hasClients = !context.parts.visible.hides('client');
    const [names, ever, clients] = await Promise.all([
      context.parts.names.of(ids),
      context.later(firstSeenEver(context, ids)),
      !hasClients ? null : context.later(clientsOf(context, ids)),
    ]);
    const most = Math.max(...rows.map((row) => row.hits ?? 0));
    const { rest } = report;
    return {
      note: (
        <PanelNote
          context={context}
          reports={[report, lines.report]}
          parts={[clients && clients.report]}
        >
          who calls, by the names of this application
        </PanelNote>
      ),
      body: (
        <>
          <DataTable
            name={NAME}
            label="Consumers"
            columns={columnsOf(context, order)}
            rows={rows.map((row) => {
              const id = row['consumer'] as string | null;
              const first = ever?.get(id);
              return {
                key: String(id),
                head: <Consumer id={id} names={names} />,
                ...rowLink(context, 'consumer', id),
                share: (row.hits ?? 0) / most,
                cells: [
                  ...measureCells(context, row),
                  ...(hasClients ? [clients?.byConsumer.get(id) ?? ''] : []),
                  first ? context.dates.day(first) : '',
                  row.lastSeen && context.dates.ago(row.lastSeen),
                  <Sparkline key="course" points={lines.byGroup.get(id) ?? []} />,
                ],
              };
            })}
            foot={footOfRest(context, NAME, rest, hasClients ? 3 : 2)}
          />
          <Advice context={context} needs={clients ? [THEY, THEIR_CLIENTS] : [THEY]} />
        </>
      ),
      side: !rest && <MoreLink context={context} panel={NAME} rest={false} />,
    };
  },
};

function columnsOf(context: PanelContext, order: string) {
  const { visible } = context.parts;
  const inOrder = { name: 'lastSeen', label: 'Last seen', isNumber: true, isMinor: true };
  return [
    { name: 'consumer', label: 'Consumer' },
    ...measureColumns(context, NAME, order),
    ...(visible.hides('client') ? [] : [{ name: 'client', label: 'Client', isMinor: true }]),
    { name: 'firstSeen', label: 'First ever', isNumber: true, isMinor: true },
    ordered(context, NAME, order, inOrder),
    { name: 'course', label: 'Course', isQuiet: true, isMinor: true, isNumber: true },
  ];
}

/** When each consumer called first, whatever the filters and the range are. */
async function firstSeenEver(
  context: PanelContext,
  ids: readonly unknown[],
): Promise<ReadonlyMap<unknown, Date>> {
  const report = await context.ask({
    metrics: ['firstSeen'],
    dimensions: ['consumer'],
    where: { consumer: { in: namesOf(ids) } },
    endDate: context.range.endDate,
    limit: 1000,
  });
  return new Map(
    (report.rows as AnyRow[]).map((row) => [row['consumer'], row.firstSeen as Date] as const),
  );
}

/** The client that each consumer uses most, or how many it uses alike. */
async function clientsOf(context: PanelContext, ids: readonly unknown[]) {
  const { where } = context;
  const shown = { consumer: { in: namesOf(ids) } };
  const report: UsageReport = await context.report({
    metrics: ['hits'],
    dimensions: ['consumer', 'client'],
    ...(where && 'consumer' in where ? undefined : { where: { ...where, ...shown } }),
    limit: 10_000,
  });
  const found = new Map<unknown, AnyRow[]>();
  for (const row of report.rows as AnyRow[])
    if (ids.includes(row['consumer']))
      found.set(row['consumer'], [...(found.get(row['consumer']) ?? []), row]);
  const byConsumer = new Map(
    [...found].map(([id, [first, ...others]]) => [
      id,
      <>
        <Name dimension="client" of={first!['client'] as string | null} />
        {others.length > 0 && <span class="muted"> +{others.length}</span>}
      </>,
    ]),
  );
  return { byConsumer, report };
}

function namesOf(ids: readonly unknown[]): (string | null)[] {
  return ids.filter(
    (id): id is string | null => id === null || (typeof id === 'string' && id !== '(other)'),
  );
}
