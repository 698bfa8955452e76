/** The length of a partition: a month or a day in UTC. */
export type PartitionUnit = 'month' | 'day';

export const PARTITION_UNITS: readonly PartitionUnit[] = ['month', 'day'];

/**
 * A partition of the records, from `from` (inclusive) to `until` (exclusive). null means no bound.
 */
export interface PartitionSpan {
  /** The end of the partition's name: `p202611`, `p20261123`. */
  readonly suffix: string;
  readonly from: number | null;
  readonly until: number | null;
}

// No correct clock gives dates outside these years. They share two partitions, so that wrong dates
// do not create a partition each.
const FIRST_YEAR = 2000;
const LAST_YEAR = 2100;

export const BEFORE: PartitionSpan = {
  suffix: 'pbefore',
  from: null,
  until: Date.UTC(FIRST_YEAR, 0),
};
export const AFTER: PartitionSpan = { suffix: 'pafter', from: Date.UTC(LAST_YEAR, 0), until: null };

/** The partition that holds an instant. */
export function partitionAt(unit: PartitionUnit, instant: number): PartitionSpan {
  if (instant < BEFORE.until!) return BEFORE;
  if (instant >= AFTER.from!) return AFTER;
  const date = new Date(instant);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const name = `p${year}${twoDigits(month + 1)}`;
  return unit === 'month'
    ? { suffix: name, from: Date.UTC(year, month), until: Date.UTC(year, month + 1) }
    : {
        suffix: name + twoDigits(day),
        from: Date.UTC(year, month, day),
        until: Date.UTC(year, month, day + 1),
      };
}

/** The partition of a suffix; null if the suffix does not belong to the unit. */
export function partitionOf(unit: PartitionUnit, suffix: string): PartitionSpan | null {
  if (suffix === BEFORE.suffix) return BEFORE;
  if (suffix === AFTER.suffix) return AFTER;
  const [, year, month, day] = /^p(\d{4})(\d\d)(\d\d)?$/.exec(suffix) ?? [];
  if (year === undefined) return null;
  const span = partitionAt(unit, Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1)));
  return span.suffix === suffix ? span : null;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
