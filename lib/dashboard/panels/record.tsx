import type { ComponentChildren } from 'preact';
import type { UsageRecord } from '../../record/index.js';
import { detailLink } from '../components/links.js';
import { Text } from '../components/names.js';
import { bytes, duration, text } from '../format/numbers.js';
import type { Panel } from './panel.js';
import type { PanelContext } from './panel-context.js';

const LONGEST = 12_000;

/** The record of an id; null if there is none. */
export async function recordOf(context: PanelContext, id: string): Promise<UsageRecord | null> {
  const [record = null] = await context.getUsage({ where: { id }, limit: 1 });
  return record;
}

/** One request with all its fields. */
export function recordPanel(id: string): Panel {
  return {
    name: 'record',
    title: 'One request',
    size: 'row',
    async load(context) {
      const record = await recordOf(context, id);
      if (!record)
        return { body: <p class="empty">No request has this id. It may have been pruned.</p> };
      const shown = context.parts.visible.shown(record);
      return {
        side: <MoreOf context={context} record={record} />,
        body: (
          <dl class="fields">
            {Object.entries(shown).flatMap(([name, value]) =>
              name === 'userAgent' && value !== null
                ? Object.entries(value as Record<string, unknown>).map(([inner, each]) => (
                    <Field key={inner} context={context} name={`userAgent.${inner}`} value={each} />
                  ))
                : [<Field key={name} context={context} name={name} value={value} />],
            )}
          </dl>
        ),
      };
    },
  };
}

/** The same where single requests are not shown. */
export const noRecords: Panel = {
  name: 'record',
  title: 'One request',
  load: () => Promise.resolve({ body: <p class="empty">Single requests are not shown here.</p> }),
};

function MoreOf({ context, record }: { context: PanelContext; record: UsageRecord }) {
  const { visible } = context.parts;
  const route = record.route === null ? null : `${record.method} ${record.route}`;
  return (
    <>
      {!visible.hides('consumer') && (
        <a href={detailLink(context.state, 'consumer', record.consumer)}>more of this consumer</a>
      )}
      {!visible.hides('consumer') && !visible.hides('route') && ' · '}
      {!visible.hides('route') && (
        <a href={detailLink(context.state, 'route', route)}>more of this route</a>
      )}
    </>
  );
}

function Field({ context, name, value }: { context: PanelContext; name: string; value: unknown }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{shown(context, name, value)}</dd>
    </div>
  );
}

function shown(context: PanelContext, name: string, value: unknown): ComponentChildren {
  if (value === null || value === undefined) return <span class="muted">none</span>;
  if (value instanceof Date)
    return <time dateTime={value.toISOString()}>{context.dates.moment(value)}</time>;
  if (name === 'speed') return text(duration(value as number));
  if (name === 'contentLength') return text(bytes(value as number));
  if (typeof value === 'object')
    return (
      <code>
        <Text of={JSON.stringify(value)} longest={LONGEST} />
      </code>
    );
  return <Text of={typeof value === 'string' ? value : JSON.stringify(value)} longest={LONGEST} />;
}
