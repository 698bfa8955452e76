import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SummaryPeriod } from 'nestjs-track-usage';
import { BucketCalendar, bucketStart, SUMMARY_PERIODS } from '../../lib/summary/index.js';
import { ticks } from './wall-clock.js';
import { propertyRuns } from '../support/property-runs.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Zones with years in which something happened in them. */
const YEARS: [zone: string, first: number, years: number][] = [
  ['UTC', 2024, 1],
  ['Europe/Zurich', 2024, 2],
  ['America/New_York', 2025, 2],
  ['Asia/Kolkata', 2024, 1],
  ['Asia/Kathmandu', 1985, 2],
  ['Australia/Lord_Howe', 2023, 2],
  ['America/St_Johns', 2024, 1],
  ['Africa/Casablanca', 2023, 2],
  ['America/Sao_Paulo', 2017, 2],
  ['Pacific/Apia', 2011, 2],
  ['Asia/Beirut', 2022, 2],
  ['Atlantic/Azores', 2024, 1],
  ['America/Havana', 2025, 1],
  ['America/Santiago', 2025, 1],
  ['Africa/Cairo', 2014, 1],
  ['America/Caracas', 2007, 2],
  ['Pacific/Kwajalein', 1993, 1],
  ['Antarctica/Troll', 2025, 1],
];

/** Changes within an hour, offsets with seconds, and clocks that went back over midnight. */
const CHANGES: [zone: string, date: string][] = [
  ['America/St_Johns', '2010-11-07'],
  ['America/St_Johns', '2011-03-13'],
  ['America/St_Johns', '1988-04-03'],
  ['Asia/Gaza', '2011-04-01'],
  ['America/Toronto', '1974-04-28'],
  ['Africa/Monrovia', '1972-01-07'],
  ['America/Guyana', '1975-08-01'],
  ['Europe/Amsterdam', '1937-07-01'],
  ['Asia/Pyongyang', '2015-08-14'],
  ['Asia/Pyongyang', '2018-05-04'],
  ['Pacific/Kwajalein', '1969-09-30'],
  ['America/Juneau', '1867-10-18'],
  ['Africa/Tunis', '1943-04-17'],
];

describe('The buckets of a time zone', () => {
  it.each(YEARS)('are what the clock in %s shows every quarter-hour of %i and on', (...given) => {
    const [zone, first, years] = given;
    const from = Date.UTC(first, 0, 1) - 33 * DAY;
    const { wrong, seen } = comparison(zone, from, Date.UTC(first + years, 0, 1), 15 * MINUTE);
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThan(years * 365 * 96);
  });

  it.each(CHANGES)('are what the clock in %s shows every few seconds around %s', (zone, date) => {
    const around = Date.parse(date);
    // Offsets in whole seconds ask for a finer look.
    const step = around < Date.UTC(1900, 0) ? SECOND : 10 * SECOND;
    const { wrong, seen } = comparison(zone, around - 2 * DAY, around + 2 * DAY, step);
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThan(3 * 24 * 360);
  });

  it('are the same whichever way they are asked for', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...YEARS.map(([zone]) => zone)),
        fc.array(fc.integer({ min: Date.UTC(1850, 0), max: Date.UTC(2150, 0) }), { maxLength: 20 }),
        (zone, instants) => {
          const used = new BucketCalendar(zone);
          for (const instant of instants)
            for (const period of SUMMARY_PERIODS)
              expect(used.bucket(period, instant)).toEqual(
                new BucketCalendar(zone).bucket(period, instant),
              );
        },
      ),
      { numRuns: propertyRuns(60) },
    );
  });

  it('follow one another without gap or overlap, each within one of the next coarser', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...YEARS.map(([zone]) => zone), 'America/St_Johns', 'Asia/Manila'),
        fc.integer({ min: Date.UTC(1840, 0), max: Date.UTC(2150, 0) }),
        (zone, instant) => {
          const calendar = new BucketCalendar(zone);
          const [hour, day, month] = SUMMARY_PERIODS.map((p) => calendar.bucket(p, instant));
          for (const [index, bucket] of [hour!, day!, month!].entries()) {
            const period = SUMMARY_PERIODS[index]!;
            expect(bucket.start).toBeLessThanOrEqual(instant);
            expect(bucket.end).toBeGreaterThan(instant);
            expect(calendar.bucket(period, bucket.end - 1)).toEqual(bucket);
            expect(calendar.bucket(period, bucket.start - 1).end).toBe(bucket.start);
            expect(calendar.bucket(period, bucket.end).start).toBe(bucket.end);
          }
          expect(day!.start).toBeLessThanOrEqual(hour!.start);
          expect(day!.end).toBeGreaterThanOrEqual(hour!.end);
          expect(month!.start).toBeLessThanOrEqual(day!.start);
          expect(month!.end).toBeGreaterThanOrEqual(day!.end);
        },
      ),
      { numRuns: propertyRuns(500) },
    );
  });

  it('give an hour that is repeated two buckets', () => {
    const zurich = new BucketCalendar('Europe/Zurich');
    const [summer, winter] = ['2024-10-27T00:30:00Z', '2024-10-27T01:30:00Z'].map(Date.parse);
    expect(zurich.bucket('hour', summer!)).toEqual(between('2024-10-27T00:00', '2024-10-27T01:00'));
    expect(zurich.bucket('hour', winter!)).toEqual(between('2024-10-27T01:00', '2024-10-27T02:00'));
    expect(zurich.bucket('day', winter!)).toEqual(between('2024-10-26T22:00', '2024-10-27T23:00'));
  });

  it('split the half hour that Lord Howe repeats', () => {
    const lordHowe = new BucketCalendar('Australia/Lord_Howe');
    const back = Date.parse('2024-04-06T15:00Z');
    expect(lordHowe.bucket('hour', back - 1)).toEqual(
      between('2024-04-06T14:00', '2024-04-06T15:00'),
    );
    expect(lordHowe.bucket('hour', back)).toEqual(between('2024-04-06T15:00', '2024-04-06T15:30'));
  });

  it('begin a day at one where midnight is skipped', () => {
    const beirut = bucketStart(new Date('2022-03-27T12:00Z'), 'day', 'Asia/Beirut');
    // 00:00 +02:00 became 01:00 +03:00.
    expect(new Date(beirut).toISOString()).toBe('2022-03-26T22:00:00.000Z');
    const saoPaulo = bucketStart(new Date('2018-11-04T12:00Z'), 'day', 'America/Sao_Paulo');
    expect(new Date(saoPaulo).toISOString()).toBe('2018-11-04T03:00:00.000Z');
  });

  it('do not go back to yesterday with a clock that has shown today', () => {
    // 00:01 became 23:01 of the day before at 02:31 UTC.
    const asked = (time: string) =>
      bucketOf('day', `2010-11-07T${time}Z`, new BucketCalendar('America/St_Johns'));
    const [saturday, sunday] = [
      between('2010-11-06T02:30', '2010-11-07T02:30'),
      between('2010-11-07T02:30', '2010-11-08T03:30'),
    ];
    expect(asked('02:29:59.999')).toEqual(saturday);
    expect([asked('02:30'), asked('02:31'), asked('03:29'), asked('03:31')]).toEqual(
      Array(4).fill(sunday),
    );
  });

  it('have no bucket for the day that Samoa skipped', () => {
    const apia = new BucketCalendar('Pacific/Apia');
    const thursday = apia.bucket('day', Date.parse('2011-12-29T20:00Z'));
    expect(thursday).toEqual(between('2011-12-29T10:00', '2011-12-30T10:00'));
    expect(apia.bucket('day', thursday.end)).toEqual(
      between('2011-12-30T10:00', '2011-12-31T10:00'),
    );
  });

  it('know leap days and the ends of months', () => {
    const kathmandu = new BucketCalendar('Asia/Kathmandu');
    expect(kathmandu.bucket('day', Date.parse('2024-02-29T12:00Z'))).toEqual(
      between('2024-02-28T18:15', '2024-02-29T18:15'),
    );
    expect(kathmandu.bucket('month', Date.parse('2024-02-29T18:14:59.999Z'))).toEqual(
      between('2024-01-31T18:15', '2024-02-29T18:15'),
    );
    expect(kathmandu.bucket('month', Date.parse('2023-02-28T18:15Z'))).toEqual(
      between('2023-02-28T18:15', '2023-03-31T18:15'),
    );
  });

  it('answer for every date that JavaScript has', () => {
    for (const zone of ['UTC', 'America/New_York', 'Pacific/Apia'])
      for (const date of [8.64e15, -8.64e15, 0, -1, Date.parse('0050-02-28')])
        for (const period of SUMMARY_PERIODS)
          expect(bucketStart(new Date(date), period, zone)).toEqual(expect.any(Number));
  });

  it('refuse an invalid date', () => {
    expect(() => bucketStart(new Date(NaN), 'day', 'UTC')).toThrow(/valid date/);
  });
});

describe('The buckets of a range', () => {
  const zurich = new BucketCalendar('Europe/Zurich');
  const at = (text: string) => new Date(text);

  it('are those that hold the start where there is no end', () => {
    expect(zurich.range('day', at('2024-07-01T21:59:59.999Z'), null)).toEqual({
      first: Date.parse('2024-06-30T22:00Z'),
      last: Date.parse('2024-06-30T22:00Z'),
    });
  });

  it('are those that overlap where there are both bounds, the last instant included', () => {
    const until = (end: string) => zurich.range('hour', at('2024-07-01T10:30Z'), at(end)).last;
    expect(until('2024-07-01T11:59:59.999Z')).toBe(Date.parse('2024-07-01T11:00Z'));
    expect(until('2024-07-01T12:00Z')).toBe(Date.parse('2024-07-01T12:00Z'));
    expect(zurich.range('month', at('2024-07-01T10:30Z'), at('2024-07-31T22:00Z'))).toEqual({
      first: Date.parse('2024-06-30T22:00Z'),
      last: Date.parse('2024-07-31T22:00Z'),
    });
  });

  it('are all up to the end where there is only that, and all where there is no bound', () => {
    expect(zurich.range('day', null, at('2024-07-01T10:30Z'))).toEqual({
      first: null,
      last: Date.parse('2024-06-30T22:00Z'),
    });
    expect(zurich.range('day', null, null)).toEqual({ first: null, last: null });
  });
});

describe('The name of a time zone', () => {
  it.each([
    ['Zürich', "Did you mean 'Europe/Zurich'?"],
    ['new york', "Did you mean 'America/New_York'?"],
    ['+02:00', "'+02:00'"],
    ['', "''"],
  ])('is told what to do about %j', (name, hint) => {
    const making = () => new BucketCalendar(name);
    expect(making).toThrow(RangeError);
    expect(making).toThrow(/timeZone: expected the IANA name .* such as 'UTC'.* but got/);
    expect(making).toThrow(hint);
  });

  it('is not the machine’s own where it is undefined', () => {
    expect(() => new BucketCalendar(undefined as unknown as string)).toThrow(/undefined/);
  });
});

function comparison(zone: string, from: number, until: number, step: number) {
  const calendar = new BucketCalendar(zone);
  const wrong: string[] = [];
  let seen = 0;
  for (const tick of ticks(zone, from, until, step)) {
    for (const period of SUMMARY_PERIODS) {
      if (Number.isNaN(tick[period])) continue;
      seen += period === 'hour' ? 1 : 0;
      const got = calendar.start(period, tick.instant);
      if (got === tick[period] || wrong.length > 4) continue;
      const [at, is, not] = [tick.instant, tick[period], got].map((ms) => new Date(ms).toJSON());
      wrong.push(`the ${period} of ${at} begins at ${is}, not at ${not}`);
    }
  }
  return { wrong, seen };
}

function bucketOf(period: SummaryPeriod, time: string, calendar: BucketCalendar) {
  return calendar.bucket(period, Date.parse(time));
}

function between(start: string, end: string) {
  return { start: Date.parse(`${start}Z`), end: Date.parse(`${end}Z`) };
}
