import { scaleLinear } from 'd3-scale';
import type { ReportInterval } from '../../storages/contract/usage-report.js';
import type { Dates } from '../format/dates.js';
import { text, type Shown } from '../format/numbers.js';
import type { Tick } from './frame.js';

const LABELS = 7;

/** Where values stand on an axis, from 0 to 1, and its labels. */
export interface Axis {
  readonly share: (value: number) => number;
  readonly ticks: Tick[];
}

/**
 * An axis from 0 to a value.
 *
 * @param isWhole Whether there is nothing between two whole numbers, and so no label.
 */
export function valueAxis(most: number, as: (value: number) => Shown, isWhole = false): Axis {
  const scale = scaleLinear([0, most > 0 ? most * 1.04 : 1], [0, 1]);
  const ticks = (most > 0 ? scale.ticks(3) : [0]).filter(
    (value) => !isWhole || Number.isInteger(value),
  );
  return {
    share: scale,
    ticks: ticks.map((value) => ({
      at: scale(value),
      label: value === 0 ? '0' : text(as(value)),
    })),
  };
}

/** The axis of parts of a whole, which reach its top together. */
export const SHARES: Axis = {
  share: (part) => part,
  ticks: [0, 0.5, 1].map((at) => ({ at, label: at === 0 ? '0' : `${at * 100} %` })),
};

/** The labels of buckets, as many as there is room for. */
export function bucketTicks(
  buckets: readonly Date[],
  interval: ReportInterval,
  dates: Dates,
): Tick[] {
  const isLong = buckets.length > 48;
  // By the hour over days, a label stands where a day begins.
  const isDaily = interval === 'hour' && isLong;
  const places = buckets
    .map((date, at) => ({ date, at }))
    .filter(
      ({ date, at }) => !isDaily || at === 0 || dates.day(date) !== dates.day(buckets[at - 1]!),
    );
  const step = Math.ceil(places.length / LABELS);
  return places
    .filter((_, place) => place % step === 0)
    .map(({ date, at }, place) => ({
      at: (at + (isDaily ? 0 : 0.5)) / buckets.length,
      label: dates.tick(date, interval, isDaily),
      isMinor: place % 2 === 1,
    }));
}
