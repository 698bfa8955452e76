import { scaleLinear } from 'd3-scale';
import type { ReportInterval } from '../../storages/contract/usage-report.js';
import type { Dates } from '../format/dates.js';
import { text, type Shown } from '../format/numbers.js';
import type { Tick } from './frame.js';

const LABELS = 7;

/** A scale from 0 to a value, and its labels. */
export function valueAxis(
  most: number,
  as: (value: number) => Shown,
): { share: (value: number) => number; ticks: Tick[] } {
  const scale = scaleLinear([0, most > 0 ? most * 1.04 : 1], [0, 1]);
  const ticks = most > 0 ? scale.ticks(3) : [0];
  return {
    share: scale,
    ticks: ticks.map((value) => ({
      at: scale(value),
      label: value === 0 ? '0' : text(as(value)),
    })),
  };
}

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
