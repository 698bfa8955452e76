import type { JSX } from 'preact';
import { DataTable } from '../../components/data-table.js';
import { rowLink } from '../../components/links.js';
import { Text } from '../../components/names.js';
import { Value } from '../../components/value.js';
import type { VersionShare } from '../../../reading/routes/route-review.js';
import { count, percent } from '../../format/numbers.js';
import type { PanelContext } from '../panel-context.js';
import { RouteList } from './route-list.js';

/** How much each version of the API is called. */
export function VersionShares({
  context,
  versions,
}: {
  context: PanelContext;
  versions: readonly VersionShare[];
}): JSX.Element {
  return (
    <RouteList title="Versions by share of calls" of={versions}>
      <DataTable
        name="deletable"
        label="Versions of the API by their share of calls"
        columns={[
          { name: 'version', label: 'Version' },
          { name: 'share', label: 'Share', isNumber: true },
          { name: 'hits', label: 'Calls', isNumber: true },
          { name: 'routes', label: 'Routes', isNumber: true, isMinor: true },
          { name: 'lastSeen', label: 'Last call', isNumber: true },
        ]}
        rows={versions.map((version) => {
          const { service, apiVersion, share, hits, routes, lastSeen } = version;
          return {
            key: `${service} ${apiVersion}`,
            head: <VersionName version={version} />,
            ...(hits > 0 && rowLink(context, 'apiVersion', apiVersion)),
            share: share ?? 0,
            cells: [
              <Value key="share" of={share} as={percent} />,
              <Value key="hits" of={hits} as={count} isEstimate={context.parts.source.isSampled} />,
              <Value key="routes" of={routes} as={count} />,
              lastSeen ? context.dates.ago(lastSeen) : <i>never</i>,
            ],
          };
        })}
      />
    </RouteList>
  );
}

function VersionName({ version }: { version: VersionShare }): JSX.Element {
  const { service, apiVersion } = version;
  return (
    <>
      {service !== null && (
        <>
          <Text of={service} longest={40} />{' '}
        </>
      )}
      {apiVersion === null ? <i>none</i> : <Text of={apiVersion} longest={40} />}
    </>
  );
}
