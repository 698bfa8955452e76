import type { JSX } from 'preact';
import { Text } from '../components/names.js';
import { Value } from '../components/value.js';
import { namedProcesses } from '../data/named-processes.js';
import type { StorageStats } from '../../storages/contract/storage-stats.js';
import { count } from '../format/numbers.js';
import type { Panel } from './panel.js';
import type { PanelContext } from './panel-context.js';

/** Whether what is tracked reaches its storages, in each process that has told it lately. */
export const tracking: Panel = {
  name: 'tracking',
  title: 'The tracking itself',
  size: 'row',
  async load(context) {
    const { source, visible } = context.parts;
    const processes = namedProcesses(await source.processes(), visible);
    if (processes.length === 0)
      return { body: <p class="empty">No process that tracks has told its state.</p> };
    return {
      note: 'since the start of each process; filters do not touch it',
      body: processes.map(({ name, date, storages }) => (
        <section key={name} class="process">
          <h3>
            <Text of={name} longest={80} /> <span class="muted">{context.dates.ago(date)}</span>
          </h3>
          <dl class="state">
            {Object.entries(storages).map(([storage, stats]) => (
              <div key={storage} data-storage={storage}>
                <dt>
                  <span class={`dot ${isWell(stats) ? 'ok' : 'bad'}`} aria-hidden="true" />
                  <Text of={storage} longest={60} />
                </dt>
                <dd>
                  <State context={context} stats={stats} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )),
    };
  },
};

function State({ context, stats }: { context: PanelContext; stats: StorageStats }): JSX.Element {
  const lost = Object.entries(stats.dropped).filter(([, value]) => value > 0);
  const { dates } = context;
  return (
    <>
      <Value of={stats.stored} as={count} /> stored · <Value of={stats.waiting} as={count} />{' '}
      waiting
      {' · '}
      {lost.length === 0
        ? 'none lost'
        : lost.map(([reason, value], at) => (
            <span key={reason} class="warn">
              {at > 0 && ', '}
              <Value of={value} as={count} /> lost ({reason})
            </span>
          ))}
      {stats.lastSuccess && <> · last success {dates.ago(stats.lastSuccess)}</>}
      {!isWell(stats) && stats.lastError && (
        <span class="warn">
          {' '}
          · {stats.lastError.isOutage ? 'unreachable' : 'failing'} since its last success
        </span>
      )}
    </>
  );
}

/** Whether the last attempt to store succeeded. */
function isWell({ lastError, lastSuccess }: StorageStats): boolean {
  if (!lastError) return true;
  return lastSuccess !== null && lastSuccess.getTime() >= lastError.date.getTime();
}
