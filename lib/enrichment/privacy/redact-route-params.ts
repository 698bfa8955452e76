import type { RequestArgs } from '../../record/index.js';
import { percentDecode } from '../text-decoding.js';
import { MAX_URL_LENGTH } from '../text-limits.js';
import { REDACTED } from './redact-text.js';

/** Looks for a value in a segment; a path that asks for more is not worth it. */
const MAX_COMPARISONS = 10_000;

/**
 * A path without the values of the route parameters that are secret. They are looked for where the
 * route's pattern has them, else wherever they stand; a path in which they cannot be found is
 * given up as a whole.
 *
 * @param secrets The secret ones among the route parameters, as captured.
 */
export function redactRouteParams(
  path: string,
  route: string | null,
  secrets: RequestArgs,
): string {
  // What lies beyond is cut off in any case, and no key that would be found later is cut in two.
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

/** The pattern's segments, if each of them stands for one segment of the path. */
function patternSegments(route: string | null, count: number): string[] | null {
  if (route === null || /[*{}?()+]/.test(route)) return null;
  const segments = route.split('/');
  return segments.length === count ? segments : null;
}

function hasParam(segment: string, name: string): boolean {
  return segment.split(/(?=[:])/).some((part) => part.match(/^:([\w$]+)/)?.[1] === name);
}

/** Hides every segment that holds one of the values; false if one of them cannot be found. */
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
