import type { RequestArgs } from '../../record/index.js';
import { percentDecode } from '../text-decoding.js';
import { MAX_URL_LENGTH } from '../text-limits.js';
import { REDACTED } from './redact-text.js';

/** The most comparisons of a value with a segment. A path that needs more is redacted whole. */
const MAX_COMPARISONS = 10_000;

/**
 * Replaces the values of secret route parameters in a path. Looks for them where the route's
 * pattern has the parameter, else in every segment. If a value cannot be found, redacts the whole
 * path.
 *
 * @param secrets The secret route parameters, as captured.
 */
export function redactRouteParams(
  path: string,
  route: string | null,
  secrets: RequestArgs,
): string {
  // Later characters are cut off anyway. The margin keeps keys whole that are searched for later.
  const segments = path.slice(0, 8 * MAX_URL_LENGTH).split('/');
  const pattern = patternSegments(route, segments.length);
  for (const name of Object.keys(secrets)) {
    const places = pattern?.flatMap((segment, at) => (hasParam(segment, name) ? [at] : [])) ?? [];
    if (places.length > 0) {
      for (const at of places) segments[at] = REDACTED;
    } else if (!hideValues(segments, [secrets[name] ?? []].flat())) {
      return `/${REDACTED}`;
    }
  }
  return segments.join('/');
}

/** The pattern's segments if each matches exactly one segment of the path, else null. */
function patternSegments(route: string | null, count: number): string[] | null {
  if (route === null || /[*{}?()+]/.test(route)) return null;
  const segments = route.split('/');
  return segments.length === count ? segments : null;
}

function hasParam(segment: string, name: string): boolean {
  return segment.split(/(?=[:])/).some((part) => part.match(/^:([\w$]+)/)?.[1] === name);
}

/** Redacts every segment that contains one of the values. False if a value was not found. */
function hideValues(segments: string[], values: readonly string[]): boolean {
  const parts = new Set(values.flatMap((value) => value.split('/')));
  parts.delete('');
  const decoded = segments.map(percentDecode);
  const whole = new Set(decoded);
  const inside = [...parts].filter((part) => !whole.has(part));
  if (inside.length * segments.length > MAX_COMPARISONS) return false;
  const found = new Set<string>();
  decoded.forEach((segment, at) => {
    const held = inside.filter((part) => segment.includes(part));
    for (const part of held) found.add(part);
    if (held.length > 0 || (segment !== '' && parts.has(segment))) segments[at] = REDACTED;
  });
  return found.size === inside.length;
}
