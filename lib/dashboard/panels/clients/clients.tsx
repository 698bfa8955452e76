import { Advice } from '../../components/advice.js';
import { Empty } from '../../components/empty.js';
import { PanelNote } from '../../components/panel-note.js';
import { MoreLink } from '../../components/panel-parts.js';
import { Value } from '../../components/value.js';
import { percent } from '../../format/numbers.js';
import { exported } from '../exported.js';
import { numberOf } from '../metrics.js';
import type { Panel } from '../panel.js';
import { rowsOf } from '../ranked.js';
import { ClientCourse } from './client-course.js';
import { ClientKinds } from './client-kinds.js';
import { clientsOf } from './client-list.js';
import { ClientRow } from './client-row.js';

const NAME = 'clients';
const FEW = 6;
const MOST = 2000;
const CLIENTS = { dimensions: ['client'] };
const KINDS = { dimensions: ['kind'], of: 'Kinds are' };

/** With which clients, and which versions of them; their shares over time; their kinds. */
export const clients: Panel = {
  name: NAME,
  title: 'Clients',
  size: 'row',
  exports(context) {
    const { range, parts } = context;
    const { interval } = range;
    return [
      exported(context, 'Clients', ['client'], ['hits']),
      exported(context, `Clients by ${interval}`, ['client'], ['hits'], interval),
      ...(parts.visible.hides('kind') ? [] : [exported(context, 'Kinds', ['kind'], ['hits'])]),
    ];
  },
  async load(context) {
    const { interval } = context.range;
    const [report, kinds] = await Promise.all([
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
        <PanelNote context={context} reports={[report]} parts={[kinds]}>
          share of requests, and of each its versions
        </PanelNote>
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
          <ClientCourse context={context} rows={report.rows} clients={grouped} />
          {kinds && <ClientKinds context={context} rows={kinds.rows} all={all} />}
          <Advice context={context} needs={kinds ? [CLIENTS, KINDS] : [CLIENTS]} />
        </>
      ),
    };
  },
};
