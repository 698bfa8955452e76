import type { ParsedFilter } from '../../base/parse-usage-query.js';
import { fieldValue } from '../../base/query/condition.js';
import type { RecordReader } from './record-reader.js';

/**
 * Looks for the record of an id at the date in the id first. A table has no index of ids alone, so
 * looking for one elsewhere reads it record by record: what has another date, as the clock was set
 * back or `anonymize` has changed it, or is not there.
 */
export function withIdLookup(reader: RecordReader): RecordReader {
  return {
    async page(query) {
      const lookup = query.offset === 0 && !query.after ? atDateOfId(query) : null;
      const found = lookup ? await reader.page(lookup) : [];
      return found.length > 0 ? found : reader.page(query);
    },
    async count(filter) {
      const lookup = atDateOfId(filter);
      const count = lookup ? await reader.count(lookup) : 0;
      return count > 0 ? count : reader.count(filter);
    },
    async *stream(filter) {
      const lookup = atDateOfId(filter);
      let isFound = false;
      if (lookup)
        for await (const record of reader.stream(lookup)) {
          isFound = true;
          yield record;
        }
      if (!isFound) yield* reader.stream(filter);
    },
    ...(reader.aggregate && { aggregate: (query) => reader.aggregate!(query) }),
  };
}

/** The filter with the date of the id that it asks for; null if it asks for anything else. */
function atDateOfId<F extends ParsedFilter>(filter: F): F | null {
  const only = filter.where.length === 1 ? fieldValue(filter.where[0]!) : null;
  const date = only?.path === 'id' ? dateOfId(only.value as string) : null;
  if (date === null || (filter.start && date < filter.start) || (filter.end && date > filter.end))
    return null;
  return { ...filter, start: date, end: date };
}

const TIME_OF_UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7/;

function dateOfId(id: string | null): Date | null {
  const [, high, low] = TIME_OF_UUID_V7.exec(id ?? '') ?? [];
  return high === undefined ? null : new Date(parseInt(`${high}${low}`, 16));
}
