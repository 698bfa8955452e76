const UNITS = ['', 'k', 'M', 'G', 'T'];
const WHOLE = new Intl.NumberFormat('en');
const BYTES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** A number and its unit. */
export interface Shown {
  readonly number: string;
  readonly unit: string;
}

/** A count in three digits: `412`, `41.2 k`, `1.12 M`. */
export function count(value: number): Shown {
  if (Math.abs(value) < 10_000) return { number: whole(value), unit: '' };
  return scaled(value, UNITS);
}

/** Bytes: `28.4 GB`. */
export function bytes(value: number): Shown {
  return Math.abs(value) < 1000 ? { number: whole(value), unit: 'B' } : scaled(value, BYTES);
}

/** A share of 0 to 1 in per cent: `0.52 %`. */
export function percent(share: number): Shown {
  const value = share * 100;
  const digits = value === 0 || value >= 99.95 ? 0 : value < 10 ? 2 : 1;
  return { number: value.toFixed(digits), unit: '%' };
}

/** Seconds: `0.4 ms`, `152 ms`, `1.20 s`. */
export function duration(seconds: number): Shown {
  const milliseconds = seconds * 1000;
  if (milliseconds < 9.95) return { number: milliseconds.toFixed(1), unit: 'ms' };
  if (milliseconds < 9999.5) return { number: whole(milliseconds), unit: 'ms' };
  if (seconds < 600) return { number: digits(seconds), unit: 's' };
  return { number: digits(seconds / 60), unit: 'min' };
}

/** Seconds beside an axis, where there is little room: `500 ms`, `1.5 s`. */
export function durationTick(seconds: number): Shown {
  if (seconds >= 600) return duration(seconds);
  // Labels are round values. With all of their digits, no two of them read alike.
  if (seconds < 1) return { number: String(Number((seconds * 1000).toPrecision(3))), unit: 'ms' };
  return { number: String(Number(seconds.toFixed(2))), unit: 's' };
}

/** The text of a number and its unit. */
export function text({ number, unit }: Shown): string {
  return unit === '' ? number : `${number} ${unit}`;
}

function scaled(value: number, units: readonly string[]): Shown {
  let at = 0;
  let left = value;
  while (Math.abs(left) >= 999.5 && at < units.length - 1) {
    left /= 1000;
    at++;
  }
  return { number: digits(left), unit: units[at]! };
}

/** Three digits. */
function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

function whole(value: number): string {
  return WHOLE.format(Math.round(value)).replaceAll(',', '\u202f');
}
