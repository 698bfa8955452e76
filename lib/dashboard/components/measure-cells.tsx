import type { Metric } from '../../storages/contract/usage-report.js';
import { bytes, count, duration, percent } from '../format/numbers.js';
import { numberOf, type Values } from '../panels/metrics.js';
import type { PanelContext } from '../panels/panel-context.js';
import type { Column } from './data-table.js';
import { Delta } from './delta.js';
import { MoreLink, ordered } from './panel-parts.js';
import { Value } from './value.js';

const MEASURES = [
  { metric: 'hits', label: 'Hits', isMinor: false, as: count },
  { metric: 'errorRate', label: 'Errors', isMinor: false, as: percent },
  { metric: 'p50', label: 'p50', isMinor: true, as: duration },
  { metric: 'p95', label: 'p95', isMinor: true, as: duration },
  { metric: 'transfer', label: 'Sent', isMinor: true, as: bytes },
] as const satisfies readonly { metric: Metric; label: string; isMinor: boolean; as: object }[];

/** The metrics of the cells. */
export const MEASURED = MEASURES.map(({ metric }) => metric);

/**
 * The columns of what called or was called: hits, their change, the rate of errors, how long it took,
 * and bytes sent. What is hidden has none.
 */
export function measureColumns(context: PanelContext, panel: string, sorted: string): Column[] {
  const { compare } = context;
  // Nobody needs the change without a comparison.
  const isMinor = !compare;
  const change = { name: 'change', label: 'Change', isQuiet: isMinor, isNumber: true, isMinor };
  return shown(context).flatMap(({ metric, label, isMinor }) => [
    ordered(context, panel, sorted, { name: metric, label, isNumber: true, isMinor }),
    ...(metric === 'hits' ? [change] : []),
  ]);
}

/** The cells of those columns. */
export function measureCells(context: PanelContext, values: Values) {
  const isEstimate = context.parts.source.isSampled;
  return shown(context).flatMap(({ metric, as }) =>
    metric === 'hits'
      ? [
          <Value key={metric} of={values.hits} as={as} isEstimate={isEstimate} />,
          context.compare && (
            <Delta
              key="change"
              now={numberOf(values, 'hits')}
              before={numberOf(values.previous, 'hits')}
            />
          ),
        ]
      : [
          <Value
            key={metric}
            of={values[metric]}
            as={as}
            isEstimate={isEstimate && metric === 'transfer'}
          />,
        ],
  );
}

function shown({ parts }: PanelContext) {
  return MEASURES.filter(({ metric }) => !parts.visible.hidesMetric(metric));
}

/**
 * The last line of a table: what its rows leave out, and a link to them.
 *
 * @param blanks Cells between the measures and the link.
 */
export function footOfRest(
  context: PanelContext,
  panel: string,
  rest: (Values & { readonly groups: number }) | null | undefined,
  blanks: number,
) {
  if (!rest) return null;
  return {
    head: `${rest.groups} more`,
    cells: [
      ...measureCells(context, rest),
      ...new Array<string>(blanks).fill(''),
      <MoreLink key="more" context={context} panel={panel} rest />,
    ],
  };
}
