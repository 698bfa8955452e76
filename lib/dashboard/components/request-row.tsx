import type { JSX } from 'preact';
import type { UsageRecord } from '../../record/index.js';
import type { ConsumerDescription } from '../dashboard-options.js';
import { duration } from '../format/numbers.js';
import type { Dates } from '../format/dates.js';
import { linkTo, type PageState } from '../state/page-state.js';
import { Consumer, Method, Name, Text } from './names.js';
import { Value } from './value.js';

const SLOW_SECONDS = 1;

export interface RequestRowProps {
  /** What may be shown of it. */
  readonly record: Partial<UsageRecord>;
  readonly id: string;
  readonly state: PageState;
  readonly dates: Dates;
  readonly names: ReadonlyMap<string, ConsumerDescription>;
  readonly hides: (name: string) => boolean;
}

/** One request of the list of the latest and live ones. Its columns are those of `requestColumns`. */
export function RequestRow({
  record,
  id,
  state,
  dates,
  names,
  hides,
}: RequestRowProps): JSX.Element {
  const { date, method, status, outcome, speed, consumer, userAgent, ipInfo } = record;
  const path = record.path ?? record.route;
  const href = linkTo(state, { view: { kind: 'record', id } });
  return (
    <tr data-row data-id={id}>
      <th scope="row" class="t">
        <a class="name" href={href}>
          {date ? <time dateTime={date.toISOString()}>{dates.time(date)}</time> : 'request'}
        </a>
      </th>
      <td class="request">
        {method !== undefined && <Method of={method} />}{' '}
        {typeof path === 'string' && (
          <code>
            <Text of={path} longest={80} />
          </code>
        )}
      </td>
      {hasStatus(hides) && (
        <td>
          <Status status={status} isAborted={outcome === 'aborted'} />
        </td>
      )}
      {speed !== undefined && (
        <td class={speed >= SLOW_SECONDS ? 'n warn' : 'n'}>
          <Value of={speed} as={duration} />
        </td>
      )}
      {!hides('consumer') && (
        <td class="minor">
          <Consumer id={consumer} names={names} />
        </td>
      )}
      {!hides('client') && (
        <td class="minor">
          <Text
            of={[userAgent?.browser, userAgent?.version].filter(Boolean).join(' ')}
            longest={40}
          />
        </td>
      )}
      {!hides('country') && (
        <td class="minor">
          {ipInfo?.country ? <Name dimension="country" of={ipInfo.country} /> : ''}
        </td>
      )}
    </tr>
  );
}

export function requestColumns(
  hides: (name: string) => boolean,
): { label: string; isNumber?: boolean; isMinor?: boolean }[] {
  return [
    { label: 'Time' },
    { label: 'Request' },
    ...(hasStatus(hides) ? [{ label: 'Status' }] : []),
    ...(hides('speed') ? [] : [{ label: 'Took', isNumber: true }]),
    ...(hides('consumer') ? [] : [{ label: 'Consumer', isMinor: true }]),
    ...(hides('client') ? [] : [{ label: 'Client', isMinor: true }]),
    ...(hides('country') ? [] : [{ label: 'From', isMinor: true }]),
  ];
}

/** A request that was aborted has no status to show. */
function hasStatus(hides: (name: string) => boolean): boolean {
  return !hides('status') || !hides('outcome');
}

function Status({
  status,
  isAborted,
}: {
  status: number | undefined;
  isAborted: boolean;
}): JSX.Element | null {
  if (isAborted) return <span class="st ab">aborted</span>;
  if (status === undefined) return null;
  return <span class={`st s${Math.floor(status / 100)}`}>{status}</span>;
}
