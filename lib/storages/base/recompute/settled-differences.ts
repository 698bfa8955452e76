import type { SummaryDifference } from '../../contract/maintenance.js';

const ATTEMPTS = 5;

/**
 * Compares sums with records that can be read only one after the other. What is written in between
 * looks like a difference: then both are read again.
 *
 * @param compare Reads the sums, then the records.
 * @param version A text that changes with each write.
 */
export async function settledDifferences(
  compare: () => Promise<SummaryDifference[]>,
  version: () => Promise<string>,
): Promise<SummaryDifference[]> {
  for (let attempt = 1; ; attempt++) {
    const before = await version();
    const found = await compare();
    if (found.length === 0 || attempt === ATTEMPTS || before === (await version())) return found;
  }
}
