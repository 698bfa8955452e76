import type { JSX } from 'preact';
import type { PanelContext } from '../../panels/panel-context.js';

/** The dates that are meant, in the module's time zone, and whether the figures are exact. */
export function Zone({ context }: { context: PanelContext }): JSX.Element {
  const { timeZone, isSampled } = context.parts.source;
  return (
    <p class="zone">
      <span data-shown>{spanOf(context)}</span>
      {' · '}
      {timeZone}
      {isSampled && ' · counts are estimates of a sample'}
    </p>
  );
}

/**
 * The shown span in words. Whole days are days: `1 Nov 2026 – 30 Nov 2026`. What ends now has the time:
 * `25 Nov 2026 – 1 Dec 2026, 03:32`, `1 Dec 2026, 02:33 – 03:32`.
 */
export function spanOf({ state, range, dates }: PanelContext): string {
  const { startDate, endDate } = range;
  const first = dates.day(startDate);
  if (typeof state.range !== 'string') {
    const last = dates.day(endDate);
    return first === last ? first : `${first} – ${last}`;
  }
  const isOfHours = range.interval === 'minute' || range.spark === 'hour';
  const last = dates.day(endDate);
  const from = isOfHours ? `${first}, ${dates.clock(startDate)}` : first;
  if (first === last && isOfHours) return `${from} – ${dates.clock(endDate)}`;
  return `${from} – ${last}, ${dates.clock(endDate)}`;
}
