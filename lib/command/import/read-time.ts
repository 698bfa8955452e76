import { ZoneOffsets } from '../../summary/zone-offsets.js';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const COMMON_LOG =
  /^(\d{1,2})\/([a-z]{3})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d{2}:?\d{2}))?$/i;
const ISO =
  /^(\d{4})[-/](\d{2})[-/](\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: ?(Z|UTC|[+-]\d{2}(?::?\d{2})?))?$/i;
const NUMBER = /^\d{9,}(?:\.\d+)?$/;
/** A number above this one is milliseconds since the epoch and no seconds. */
const MAX_SECONDS = 1e11;

/** An instant as read from a text. */
export interface ReadTime {
  /** Milliseconds since the epoch. */
  readonly ms: number;
  /** Whether the text has whole seconds only. */
  readonly isWholeSecond: boolean;
}

/**
 * Reads times as logs and databases write them: of the common log format, ISO 8601, and seconds or
 * milliseconds since the epoch.
 */
export class TimeReader {
  private readonly zone: ZoneOffsets | null;
  private text = '';
  private read: ReadTime | null = null;

  /** @param timeZone IANA name of the zone of times that name none. */
  constructor(timeZone = 'UTC') {
    this.zone = timeZone === 'UTC' ? null : new ZoneOffsets(timeZone);
  }

  /** The instant; null if the text is none. Remembers the last one, which many lines share. */
  parse(text: string): ReadTime | null {
    if (text === this.text) return this.read;
    this.read = this.parseNew(text);
    this.text = text;
    return this.read;
  }

  private parseNew(text: string): ReadTime | null {
    const common = COMMON_LOG.exec(text);
    if (common !== null) {
      const [, day, name, year, hour, minute, second, fraction, zone] = common;
      const month = MONTHS.indexOf(name!.toLowerCase()) + 1;
      return this.instant([year, String(month), day, hour, minute, second], fraction, zone);
    }
    const iso = ISO.exec(text);
    if (iso !== null) return this.instant(iso.slice(1, 7), iso[7], iso[8]);
    if (!NUMBER.test(text)) return null;
    const number = Number(text);
    const ms = number > MAX_SECONDS ? number : Math.round(number * 1e6) / 1e3;
    return { ms: Math.round(ms), isWholeSecond: !text.includes('.') && number <= MAX_SECONDS };
  }

  private instant(
    parts: readonly (string | undefined)[],
    fraction: string | undefined,
    zone: string | undefined,
  ): ReadTime | null {
    const [year, month, day, hour, minute, second] = parts.map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const local = Date.UTC(year, month - 1, day, hour, minute, second);
    const isDate = new Date(local).getUTCDate() === day && hour < 24 && minute < 60 && second < 61;
    if (!isDate || month < 1 || month > 12) return null;
    const milliseconds = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000);
    return {
      ms: local + milliseconds - this.offsetOf(local, zone),
      isWholeSecond: fraction === undefined,
    };
  }

  /** Milliseconds that local time is ahead of UTC. */
  private offsetOf(local: number, zone: string | undefined): number {
    if (zone === undefined) return this.zone === null ? 0 : zoneOffset(this.zone, local);
    const [, sign, hours, minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
    if (sign === undefined) return 0;
    const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return sign === '-' ? -offset : offset;
  }
}

const DAY_MS = 86_400_000;

/**
 * The offset at a local time. Of a time that a zone has twice, the first; one that it skips counts
 * as if the clock had not been put forward.
 */
function zoneOffset(zone: ZoneOffsets, local: number): number {
  const spans = zone.spans(local - DAY_MS, local + DAY_MS);
  const fits = spans.find(
    ({ from, until, offset }) => local - offset >= from && local - offset < until,
  );
  return (fits ?? spans.findLast(({ from }) => from <= local) ?? spans[0]!).offset;
}
