import { isCombined, REPORT_DIMENSIONS } from '../../summary/index.js';

/** The dimensions of standard summaries that have another name than the summary. */
const DIMENSIONS: Readonly<Record<string, string>> = { geo: 'country' };

/** The dimension that a summary's name stands for. */
export function dimensionOfSummary(summary: string): string {
  return DIMENSIONS[summary] ?? summary;
}

/** Those of a storage's summaries that are the application's own, such as `tenant`. */
export function ownSummaries(summaries: readonly string[]): string[] {
  return summaries.filter(
    (name) => !isCombined(name) && !REPORT_DIMENSIONS.has(dimensionOfSummary(name)),
  );
}
