import { bytes, count, duration, percent } from '../format/numbers.js';
import { numberOf, type Values } from '../panels/metrics.js';
import type { PanelContext } from '../panels/panel-context.js';
import { Delta } from './delta.js';
import { MoreLink } from './panel-parts.js';
import { Value } from './value.js';

/** The column of the change since the span before, which nobody needs without a comparison. */
export function changeColumn({ compare }: PanelContext) {
  return {
    name: 'change',
    label: 'Change',
    isQuiet: !compare,
    isNumber: true,
    isMinor: !compare,
  };
}

/**
 * The cells of what called or was called: hits, their change, the rate of errors, how long it took,
 * and bytes sent.
 */
export function measureCells(context: PanelContext, values: Values) {
  return [
    <Value key="hits" of={values.hits} as={count} isEstimate={context.parts.source.isSampled} />,
    context.compare && (
      <Delta
        key="change"
        now={numberOf(values, 'hits')}
        before={numberOf(values.previous, 'hits')}
      />
    ),
    <Value key="errors" of={values.errorRate} as={percent} />,
    <Value key="p50" of={values.p50} as={duration} />,
    <Value key="p95" of={values.p95} as={duration} />,
    <Value key="transfer" of={values.transfer} as={bytes} />,
  ];
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
