import { strict as assert } from 'node:assert';
import type { UsageRecord } from '../../../record/index.js';
import type { UsageReport } from '../../../storages/contract/usage-report.js';
import { bruteForceReport, type Asked } from './brute-force-report.js';
import { PERCENTS } from './metric-values.js';

/** Asserts that a report equals the count of the records. Percentiles may be off by 2 %. */
export function assertReport(
  { source: _, approximate: __, ...given }: UsageReport,
  records: readonly UsageRecord[],
  asked: Asked,
): void {
  const expected = bruteForceReport(records, asked);
  try {
    assert.deepStrictEqual(nearly(given, expected), expected);
  } catch (error) {
    (error as Error).message += `\nAsked for ${JSON.stringify(asked.query)} in ${asked.timeZone}`;
    throw error;
  }
}

/** A copy in which percentiles within 2 % of the exact ones are replaced by these. */
function nearly(given: unknown, expected: unknown): unknown {
  if (typeof given !== 'object' || given === null || given instanceof Date) return given;
  if (Array.isArray(given))
    return given.map((each, index) => nearly(each, (expected as unknown[] | null)?.[index]));
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const exact = (expected as Record<string, unknown> | null | undefined)?.[name];
      if (name in PERCENTS && typeof value === 'number' && typeof exact === 'number')
        return [name, Math.abs(value - exact) <= 0.02 * exact ? exact : value];
      return [name, nearly(value, exact)];
    }),
  );
}
