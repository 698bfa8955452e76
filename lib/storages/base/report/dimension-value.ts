import {
  keyText,
  NO_KEY,
  OTHER_KEY,
  type DimensionValue,
  type ReportDimension,
} from '../../../summary/index.js';

/** The value of a dimension as a report shows it. */
export type ReportedValue = DimensionValue;

/** The most texts that are remembered. */
const MOST_TEXTS = 1000;
const READS_OTHER = /^\\*\(other\)$/;
const READS_NONE = /^\\+\(none\)$/;

/**
 * The value of a dimension as a report shows it. Text is as long as the key of a summary, so that
 * records and sums agree. Text that reads `(other)`, with any number of backslashes before it, gets
 * one more: `(other)` itself stands for the keys that a summary has folded.
 */
export function reportedValue(
  { kind }: ReportDimension,
  value: DimensionValue | undefined,
): ReportedValue {
  if (value === null || value === undefined) return null;
  if (kind !== 'text') return value;
  const text = keyText(String(value));
  return text.endsWith(')') && READS_OTHER.test(text) ? `\\${text}` : text;
}

/** Reads values of a dimension as `reportedValue` does; texts that come again, from memory. */
export function reportedValues(
  dimension: ReportDimension,
): (value: DimensionValue | undefined) => ReportedValue {
  const known = new Map<string, ReportedValue>();
  return (value) => {
    if (typeof value !== 'string') return reportedValue(dimension, value);
    let text = known.get(value);
    if (text === undefined) {
      if (known.size >= MOST_TEXTS) known.clear();
      known.set(value, (text = reportedValue(dimension, value)));
    }
    return text;
  };
}

/** The reported value for the key of a summary. */
export function valueOfKey({ kind }: ReportDimension, key: string): ReportedValue {
  if (key === NO_KEY) return null;
  if (key === OTHER_KEY) return key;
  if (kind === 'number') return Number(key);
  if (kind === 'boolean') return key === 'true';
  return READS_NONE.test(key) ? key.slice(1) : key;
}
