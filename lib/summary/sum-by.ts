import type { UsageRecord } from '../record/index.js';
import { reportDimension, type DimensionValue, type ReportDimension } from './report-dimensions.js';
import { FOLDED, keyText, MAX_KEY_LENGTH } from './summary-key.js';
import { SummaryHook } from './summary-hook.js';

const SEPARATOR = ':';
const MAX_DIMENSIONS = 3;

/** A summary by the values of several dimensions at once. */
export class CombinedSummary extends SummaryHook {
  constructor(readonly dimensions: readonly ReportDimension[]) {
    super(
      dimensions.map(({ name }) => name).join(SEPARATOR),
      (record: UsageRecord) =>
        // The type of a key function has no symbols: applications cannot return this one.
        combinedKey(dimensions.map(({ read }) => read(record))) as string,
    );
  }
}

/**
 * Creates a summary by two or three dimensions of reports at once. A report by any of them, or
 * filtered by any of them, is then answered from sums.
 *
 * Its name for `getSum` is that of the dimensions with colons between: `consumer:route`. Its keys
 * are JSON: `["shop","GET /cats/:id"]`, with null for a missing value. Numbers and booleans are
 * text. Requests whose key would be longer than 1,024 characters count under `(other)`.
 *
 * @example
 * new SqlStorage({ hooks: [sumBy('consumer', 'route')] });
 *
 * @throws {TypeError} if there are not two or three dimensions, or one is unknown or repeated, or
 * their names together have more than 64 characters.
 *
 * @publicApi
 */
export function sumBy(...dimensions: string[]): SummaryHook {
  const isCount = dimensions.length >= 2 && dimensions.length <= MAX_DIMENSIONS;
  if (!isCount || new Set(dimensions).size < dimensions.length)
    throw new TypeError(
      `sumBy: expected two or three different dimensions, such as sumBy('consumer', 'route'), but ` +
        `got ${JSON.stringify(dimensions)}.`,
    );
  return new CombinedSummary(
    dimensions.map((name) => {
      if (name === 'deprecated')
        throw new TypeError(
          "sumBy: 'deprecated' is decided when a report is read; sums by 'route' and 'apiVersion' " +
            'answer for it.',
        );
      const dimension = reportDimension(name);
      if (dimension) return dimension;
      throw new TypeError(
        `sumBy: expected the names of a report's dimensions, such as 'consumer' and 'route', but ` +
          `got ${JSON.stringify(name)}.`,
      );
    }),
  );
}

/** Whether a dimension has the name of a combined summary. */
export function isCombined(dimension: string): boolean {
  return dimension.includes(SEPARATOR);
}

/** The key of some values; `FOLDED` if it is too long. */
function combinedKey(values: readonly DimensionValue[]): string | typeof FOLDED {
  const key = JSON.stringify(values.map((value) => (value === null ? null : keyText(`${value}`))));
  return key.length <= MAX_KEY_LENGTH ? key : FOLDED;
}

/** The values of a combined key, as text; null if the text is none. */
export function valuesOfCombinedKey(key: string): (string | null)[] | null {
  if (!key.startsWith('[')) return null;
  try {
    return JSON.parse(key) as (string | null)[];
  } catch {
    return null;
  }
}
