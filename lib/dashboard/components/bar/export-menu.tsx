import type { JSX } from 'preact';
import { reportAddress } from '../../data/addresses.js';
import type { PanelContext } from '../../panels/panel-context.js';
import type { Panel } from '../../panels/panel.js';
import { writeFilters } from '../../state/filters.js';

/** The data of every panel as files, with the range and the filters of the page. */
export function ExportMenu({
  context,
  panels,
  base,
}: {
  context: PanelContext;
  panels: readonly Panel[];
  base: string;
}): JSX.Element {
  const { range, filters, parts } = context;
  const { startDate, endDate } = range;
  const written = new URLSearchParams([
    ['startDate', startDate.toISOString()],
    ['endDate', endDate.toISOString()],
    ...writeFilters(filters),
  ]);
  const files = panels.flatMap(
    (panel) =>
      panel.exports?.(context).map(({ label, query }) => ({
        label,
        file: (type: string) => `${base}report.${type}?${reportAddress(query)}&${written}`,
      })) ?? [],
  );
  return (
    <details class="menu" data-export>
      <summary class="btn">Export</summary>
      <div class="pop files">
        {parts.records && (
          <p>
            Requests
            <Link href={`${base}records.csv?${written}`} type="CSV" of="requests" />
            <Link href={`${base}records.ndjson?${written}`} type="JSON" of="requests" />
          </p>
        )}
        {files.map(({ label, file }) => (
          <p key={label}>
            {label}
            <Link href={file('csv')} type="CSV" of={label} />
            <Link href={file('json')} type="JSON" of={label} />
          </p>
        ))}
        {panels.some(({ name }) => name === 'tracking') && (
          <p>
            The tracking itself
            <Link href={`${base}tracking.csv`} type="CSV" of="the tracking itself" />
            <Link href={`${base}tracking.json`} type="JSON" of="the tracking itself" />
          </p>
        )}
      </div>
    </details>
  );
}

function Link({ href, type, of }: { href: string; type: string; of: string }): JSX.Element {
  return (
    <a href={href} download={type === 'CSV' ? '' : undefined}>
      <span class="sr">{of}, </span>
      {type}
    </a>
  );
}
