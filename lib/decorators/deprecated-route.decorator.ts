import type { RouteDeprecation } from '../record/route-deprecation.js';
import { shownValue } from '../support/shown-value.js';
import {
  describeTarget,
  rejectBareDecorator,
  type TrackingDecorator,
} from './tracking-decision.js';

/**
 * The options of `@DeprecatedRoute()`.
 *
 * @publicApi
 */
export interface DeprecatedRouteOptions {
  /**
   * Since when the route is deprecated, for the header `Deprecation`.
   * @default the date since when a storage knows the route as deprecated
   */
  since?: Date;
  /**
   * When the route stops answering, for the header `Sunset`. Not before `since`.
   * @default none
   */
  sunset?: Date;
  /**
   * Address of a page on what to use instead, for the header `Link` with `rel="deprecation"`.
   * @default none
   */
  link?: string;
}

/** The metadata key. A string, so that two copies of this package share it. */
const DEPRECATION = 'nestjs-track-usage:deprecation';
const FIELDS = ['since', 'sunset', 'link'];
/** The characters of an address (RFC 3986). */
const ADDRESS = /^[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/;

/**
 * Marks a controller or a handler as deprecated. Its responses get the headers `Deprecation` (RFC
 * 9745), `Sunset` (RFC 8594) and `Link`, unless the handler sets them; a `Link` is added to the
 * handler's own. A handler's decorator replaces its controller's.
 *
 * @throws {TypeError} if an option is unknown or invalid, or `sunset` is before `since`.
 *
 * @example
 * \@DeprecatedRoute({ since: new Date('2026-10-01'), sunset: new Date('2027-04-01') })
 * \@Get('v1/cats')
 * findAll() {}
 *
 * @publicApi
 */
export function DeprecatedRoute(
  options: DeprecatedRouteOptions = {},
  ...others: readonly never[]
): TrackingDecorator {
  rejectBareDecorator('DeprecatedRoute', [options, ...others]);
  return (target, name, descriptor) => {
    checkOptions(options, describeTarget(target, name));
    const { since = null, sunset = null, link = null } = options;
    const subject = (descriptor ? descriptor.value : target) as object;
    Reflect.defineMetadata(DEPRECATION, { since, sunset, link }, subject);
  };
}

/** What `@DeprecatedRoute()` says of a handler: on itself, else on its controller. */
export function findDeprecation(controller: object, handler: object): RouteDeprecation | undefined {
  return (Reflect.getMetadata(DEPRECATION, handler) ??
    Reflect.getMetadata(DEPRECATION, controller)) as RouteDeprecation | undefined;
}

function checkOptions(options: DeprecatedRouteOptions, place: string): void {
  const refuse = (what: string, value: unknown, expected: string) =>
    new TypeError(
      `@DeprecatedRoute(${what}) on ${place}: expected ${expected}, but got ${shownValue(value)}.`,
    );
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw refuse('', options, 'options such as { since: new Date(…) }, or nothing');
  const unknown = Object.keys(options).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw refuse('', unknown, `the options ${FIELDS.join(', ')} alone`);
  const { since, sunset, link } = options;
  for (const [field, date] of Object.entries({ since, sunset }))
    if (date !== undefined && !(date instanceof Date && !Number.isNaN(date.getTime())))
      throw refuse(`{ ${field} }`, date, 'a valid Date');
  if (since && sunset && sunset < since)
    throw refuse('{ sunset }', sunset, `a date from since on (${since.toISOString()})`);
  if (link !== undefined && !(typeof link === 'string' && ADDRESS.test(link)))
    throw refuse('{ link }', link, 'an address, with other characters percent-encoded');
}
