import type { JSX } from 'preact';
import type { ConsumerDescription } from '../../dashboard-options.js';
import { Consumer, Text } from '../../components/names.js';
import { Value } from '../../components/value.js';
import type { ShownCaller } from '../../data/shown-review.js';
import { count } from '../../format/numbers.js';
import type { PanelContext } from '../panel-context.js';

const FEW = 3;

export interface CallersProps {
  readonly context: PanelContext;
  /** Null: somebody called, and the records are gone. */
  readonly callers: readonly ShownCaller[] | null;
  readonly names: ReadonlyMap<string, ConsumerDescription>;
  /** Whether all of them are shown. */
  readonly isWhole: boolean;
}

/** Who calls a route, and with which client. */
export function Callers({ context, callers, names, isWhole }: CallersProps): JSX.Element {
  if (callers === null) return <i>their records are gone</i>;
  if (callers.length === 0) return <i>nobody</i>;
  const shown = isWhole ? callers : callers.slice(0, FEW);
  return (
    <ul class="callers">
      {shown.map((caller) => (
        <li key={JSON.stringify([caller.consumer, caller.client, caller.version])}>
          <Caller context={context} caller={caller} names={names} />
        </li>
      ))}
      {callers.length > shown.length && <li class="muted">{callers.length - shown.length} more</li>}
    </ul>
  );
}

function Caller({
  context,
  caller,
  names,
}: {
  context: PanelContext;
  caller: ShownCaller;
  names: CallersProps['names'];
}): JSX.Element {
  const client = [caller.client, caller.version].filter((each) => each != null).join(' ');
  return (
    <>
      {caller.consumer !== undefined && <Consumer id={caller.consumer} names={names} />}{' '}
      {client !== '' && (
        <span class="muted">
          <Text of={client} longest={60} />
        </span>
      )}{' '}
      <Value of={caller.hits} as={count} isEstimate={context.parts.source.isSampled} />
      {caller.lastSeen && <span class="muted"> {context.dates.ago(caller.lastSeen)}</span>}
    </>
  );
}
