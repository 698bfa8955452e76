/** A time span in which a zone's offset from UTC does not change. All in milliseconds. */
export interface OffsetSpan {
  readonly from: number;
  /** First instant after the span. */
  readonly until: number;
  /** Local time minus UTC. */
  readonly offset: number;
}

const DAY = 86_400_000;
const CHUNK = 16 * DAY;
const MAX_CHUNKS = 4096;
// Offsets are constant before any zone had a standard time. Years after 1800 need no era.
const FIRST_SAMPLE = Date.UTC(1800, 0, 1);
const LAST_SAMPLE = 8.64e15;

/**
 * The offsets of an IANA zone over time, from Intl. A call to Intl takes microseconds, so the
 * results are cached in chunks of 16 days.
 */
export class ZoneOffsets {
  private readonly format: Intl.DateTimeFormat;
  private readonly chunks = new Map<number, readonly OffsetSpan[]>();

  constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** The spans that cover at least the given time, in order and without gaps. */
  spans(from: number, until: number): OffsetSpan[] {
    const spans: OffsetSpan[] = [];
    const last = Math.floor((until - 1) / CHUNK);
    for (let index = Math.floor(from / CHUNK); index <= last; index++) {
      for (const span of this.chunk(index)) {
        const before = spans.at(-1);
        if (before?.offset === span.offset)
          spans[spans.length - 1] = { ...before, until: span.until };
        else spans.push(span);
      }
    }
    return spans;
  }

  private chunk(index: number): readonly OffsetSpan[] {
    let spans = this.chunks.get(index);
    if (!spans) {
      if (this.chunks.size >= MAX_CHUNKS) this.chunks.clear();
      spans = this.scan(index * CHUNK, (index + 1) * CHUNK);
      this.chunks.set(index, spans);
    }
    return spans;
  }

  // One sample a day misses no change: no zone has changed its offset and back within a day.
  private scan(start: number, end: number): OffsetSpan[] {
    const spans: OffsetSpan[] = [];
    let from = start;
    let offset = this.offsetAt(start);
    let seen = start;
    for (let next = start + DAY; next <= end; next += DAY) {
      const reached = this.offsetAt(next);
      while (offset !== reached) {
        const change = this.changeBetween(seen, next, offset);
        spans.push({ from, until: change, offset });
        from = seen = change;
        offset = this.offsetAt(change);
      }
      seen = next;
    }
    if (from < end) spans.push({ from, until: end, offset });
    return spans;
  }

  private changeBetween(before: number, after: number, offset: number): number {
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.offsetAt(middle) === offset) before = middle;
      else after = middle;
    }
    return after;
  }

  private offsetAt(instant: number): number {
    const sample = Math.min(Math.max(instant, FIRST_SAMPLE), LAST_SAMPLE);
    const seconds = Math.floor(sample / 1000) * 1000;
    const part: Record<string, number> = {};
    for (const { type, value } of this.format.formatToParts(seconds)) part[type] = Number(value);
    const { year = 0, month = 1, day = 0, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
  }
}
