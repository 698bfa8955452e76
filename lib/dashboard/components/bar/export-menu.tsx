import type { JSX } from 'preact';
import { reportAddress } from '../../data/addresses.js';
import type { PanelContext } from '../../panels/panel-context.js';
import type { Panel } from '../../panels/panel.js';
import { writeFilters, type Filter } from '../../state/filters.js';
import type { ShownRange } from '../../state/ranges.js';

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
  const written = addressOf(range, filters);
  // No other filter chooses declared routes.
  const ofServices = addressOf(
    range,
    filters.filter(({ field }) => field === 'service'),
  );
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
        {panels.some(({ name }) => name === 'deletable') && (
          <p>
            Routes that can be deleted
            <Link href={`${base}routes.csv?${ofServices}`} type="CSV" of="routes to delete" />
            <Link href={`${base}routes.json?${ofServices}`} type="JSON" of="routes to delete" />
          </p>
        )}
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

function addressOf({ startDate, endDate }: ShownRange, filters: readonly Filter[]) {
  return new URLSearchParams([
    ['startDate', startDate.toISOString()],
    ['endDate', endDate.toISOString()],
    ...writeFilters(filters),
  ]);
}

function Link({ href, type, of }: { href: string; type: string; of: string }): JSX.Element {
  return (
    <a href={href} download={type === 'CSV' ? '' : undefined}>
      <span class="sr">{of}, </span>
      {type}
    </a>
  );
}
