import type { FieldValue } from './query/condition.js';

/**
 * Whether few records have this value, so that an index of them is worth its space and its upkeep.
 * Most records have `GET`, 200 or `completed`, and a query finds those soon without an index. A
 * controller or a handler is rare only over a long time.
 */
export function isSelective({ path, value }: FieldValue): boolean {
  if (value === null) return false;
  switch (path) {
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
