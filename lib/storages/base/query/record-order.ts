import type { UsageRecord } from '../../../record/index.js';
import { compareKeys } from '../../../summary/index.js';

/** The fields by which records can be ordered. */
export const ORDER_FIELDS = ['date', 'speed', 'contentLength'] as const;

/** An order of records. Equal speeds and lengths come newest first, equal dates by `id`. */
export interface RecordOrder {
  readonly field: (typeof ORDER_FIELDS)[number];
  readonly isDescending: boolean;
}

/** A record's place in an order. */
export interface RecordPlace {
  readonly date: Date;
  readonly id: string;
  /** Its value of the field that orders, if that is not the date. Absent: it has to be read. */
  readonly value?: number;
}

export const NEWEST_FIRST: RecordOrder = { field: 'date', isDescending: true };

/** Whether an order is the default one. */
export function isNewestFirst({ field, isDescending }: RecordOrder = NEWEST_FIRST): boolean {
  return field === 'date' && isDescending;
}

/** Compares two records by an order. */
export function recordComparer({
  field,
  isDescending,
}: RecordOrder): (a: UsageRecord, b: UsageRecord) => number {
  const sign = isDescending ? -1 : 1;
  if (field === 'date') return (a, b) => sign * compareAge(a, b);
  return (a, b) => sign * (a[field] - b[field]) || -compareAge(a, b);
}

/** A function that tells whether a record comes after a place in the order of dates. */
export function comesAfter(
  place: RecordPlace,
  { isDescending }: RecordOrder,
): (record: RecordPlace) => boolean {
  return (record) => (isDescending ? compareAge(record, place) < 0 : compareAge(record, place) > 0);
}

function compareAge(a: RecordPlace, b: RecordPlace): number {
  return a.date.getTime() - b.date.getTime() || compareKeys(a.id, b.id);
}
