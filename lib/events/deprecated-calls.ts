import type { UsageRecord } from '../record/index.js';
import {
  NO_CALLS,
  type DeclaredRoute,
  type RouteDeprecation,
} from '../record/route-deprecation.js';
import { BucketCalendar } from '../summary/index.js';

/**
 * The first request of a consumer to a deprecated route in a day.
 *
 * @publicApi
 */
export interface DeprecatedCallEvent {
  /** `GET /cats/:id`, with the method of the request. */
  readonly route: string;
  /** `record.consumer`; null if nobody is named. */
  readonly consumer: string | null;
  /** Since when, and until when, the route is deprecated, and what comes instead. */
  readonly deprecated: RouteDeprecation;
  /** The call itself. */
  readonly record: UsageRecord;
}

/** Calls that are remembered. Beyond it the oldest are forgotten, and may be told once more. */
const MOST_CALLS = 100_000;

/** Finds the first call of each deprecated route by each consumer in a day. */
export class DeprecatedCalls {
  /** The deprecated routes, and those of the same method, path and version. */
  private readonly routes = new Map<string, readonly DeclaredRoute[]>();
  private readonly calendar: BucketCalendar;
  /** The calls of a day, in the order in which they came. */
  private readonly told = new Set<string>();
  private day = -Infinity;

  constructor(declared: readonly DeclaredRoute[], timeZone: string) {
    this.calendar = new BucketCalendar(timeZone);
    const paths = new Set(declared.flatMap(({ path, deprecated }) => (deprecated ? [path] : [])));
    for (const route of declared) {
      if (!paths.has(route.path)) continue;
      const key = keyOf(route.method, route.path, route.apiVersion);
      this.routes.set(key, [...(this.routes.get(key) ?? []), route]);
    }
  }

  /** The event of a record; null if it is none. */
  eventOf(record: UsageRecord): DeprecatedCallEvent | null {
    const { method, route, apiVersion, consumer } = record;
    if (this.routes.size === 0 || route === null) return null;
    const deprecated = this.called(record)?.deprecated;
    if (
      !deprecated ||
      !this.isFirst(record.date.getTime(), JSON.stringify([method, route, apiVersion, consumer]))
    )
      return null;
    return { route: `${method} ${route}`, consumer, deprecated, record };
  }

  /** The route that a request called: by its handler where several look alike. */
  private called({ method, route, apiVersion, blueprint, handler }: UsageRecord) {
    const named = (name: string) => this.routes.get(keyOf(name, route!, apiVersion)) ?? [];
    const alike = [...named(method), ...(NO_CALLS.has(method) ? [] : named('ALL'))];
    return (
      alike.find((each) => each.blueprint === blueprint && each.handler === handler) ?? alike[0]
    );
  }

  private isFirst(instant: number, call: string): boolean {
    const { start } = this.calendar.bucket('day', instant);
    // A record that comes late belongs to a day whose calls are forgotten: it is not told.
    if (start < this.day) return false;
    if (start > this.day) {
      this.day = start;
      this.told.clear();
    }
    if (this.told.has(call)) return false;
    this.told.add(call);
    if (this.told.size > MOST_CALLS) this.told.delete(this.told.values().next().value!);
    return true;
  }
}

function keyOf(method: string, path: string, apiVersion: string | null): string {
  return JSON.stringify([method, path, apiVersion]);
}
