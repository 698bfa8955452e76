import type { SummaryPeriod } from 'nestjs-track-usage';
import { WallClock } from '../support/contract-parts.js';

/** One instant, with the first instants of the buckets that hold it; NaN where it was not seen. */
export interface Tick extends Record<SummaryPeriod, number> {
  readonly instant: number;
}

/**
 * Walks along the clock and says at each step which buckets have begun: an hour where the clock
 * shows another hour or the offset has changed, a day and a month where it shows a date that it
 * has not shown before.
 */
export function* ticks(
  timeZone: string,
  from: number,
  until: number,
  step: number,
): Generator<Tick> {
  const clock = new WallClock(timeZone);
  let hour = { shown: '', offset: NaN, start: NaN };
  let day = { shown: '', start: NaN };
  let month = { shown: '', start: NaN };
  for (let instant = from; instant < until; instant += step) {
    const shown = clock.read(instant);
    const offset = Date.parse(`${shown.replace(' ', 'T')}Z`) - instant;
    const start = instant === from ? NaN : instant;
    if (shown.slice(0, 13) !== hour.shown || offset !== hour.offset)
      hour = { shown: shown.slice(0, 13), offset, start };
    if (shown.slice(0, 10) > day.shown) day = { shown: shown.slice(0, 10), start };
    if (shown.slice(0, 7) > month.shown) month = { shown: shown.slice(0, 7), start };
    yield { instant, hour: hour.start, day: day.start, month: month.start };
  }
}
