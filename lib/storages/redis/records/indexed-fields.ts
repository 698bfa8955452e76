import type { UsageWhere } from '../../usage-query.js';

/**
 * Whether the records of a value have an index of their own.
 *
 * An index takes some 130 bytes a record, and time for each. It is worth it where a value is held
 * by a small part of the records. Without one, those in the time that is asked for are looked
 * through by the server, from the newest, until the page is full: about a second for a million.
 * That is short for `GET`, 200, or `completed`, which most records have; controllers and handlers
 * have few records only in a long time.
 */
export function isIndexed(field: keyof UsageWhere, value: string | number | null): boolean {
  if (value === null) return false;
  switch (field) {
    case 'route':
    case 'remoteAddr':
    case 'username':
    case 'visitorId':
      return true;
    case 'status':
      return Number(value) >= 400;
    case 'outcome':
      return value === 'aborted';
    default:
      return false;
  }
}
