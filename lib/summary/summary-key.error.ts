import { inspect } from 'node:util';

/**
 * A summary's key function threw, or returned something that cannot be a key. The record counts
 * under `(none)`.
 *
 * @publicApi
 */
export class SummaryKeyError extends Error {
  override readonly name = 'SummaryKeyError';

  /**
   * @param dimension The summary whose key function failed.
   * @param recordId The record for which it failed last.
   * @param count How often it has failed so far.
   * @param fault What it threw or, if it did not throw, what it returned.
   */
  constructor(
    readonly dimension: string,
    readonly recordId: string,
    readonly count: number,
    fault: { readonly thrown?: unknown; readonly given?: unknown },
  ) {
    const [what, value] =
      'thrown' in fault
        ? ['threw', fault.thrown]
        : ['gave no text, finite number, boolean or null but', fault.given];
    super(
      `The key of summary '${dimension}' ${what} ${shown(value)} for record ${recordId}, which ` +
        `counts under (none) like ${count - 1} before. Correct the function given to ` +
        `summary('${dimension}', …).`,
      'thrown' in fault ? { cause: fault.thrown } : undefined,
    );
  }
}

function shown(value: unknown): string {
  const text =
    value instanceof Error
      ? `${value.name}: ${value.message}`
      : inspect(value, { depth: 1, breakLength: Infinity, customInspect: false, getters: false });
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
