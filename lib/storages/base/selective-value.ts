import type { UsageWhere } from '../contract/usage-query.js';

/**
 * Whether few records have a value, so that an index of those that do is worth its space and the
 * time to keep it. `GET`, 200 or `completed` are in most records, which are soon found without;
 * controllers and handlers have few records only in a long time.
 */
export function isSelective(field: keyof UsageWhere, value: string | number | null): boolean {
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
