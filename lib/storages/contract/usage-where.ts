import type { FilterableField, UsageOutcome, UserAgentKind, ValueAt } from '../../record/index.js';
import type { OwnSummary, OwnValue } from './own-summaries.js';

/** A value to compare with. Null: the record has none. */
type Comparable<Value> = Value extends boolean ? boolean : Value;

/** Operators of text alone. */
interface TextOperators {
  /** The text begins so. */
  startsWith?: string | undefined;
  /** The text has this in it. */
  contains?: string | undefined;
}

/** Operators of values with an order: text by code point, numbers and dates. */
interface OrderOperators<Value> {
  gt?: Value | undefined;
  gte?: Value | undefined;
  lt?: Value | undefined;
  lte?: Value | undefined;
}

/**
 * What a value must be; all that is given must hold. Null is a value like others for `not`, `in`
 * and `notIn`: `{ not: 'x' }` keeps what has no value. Nothing else matches null.
 *
 * @publicApi
 */
export type UsageOperators<Value> = {
  /** Anything but this value. Null is a value like others. */
  not?: Comparable<Value> | undefined;
  /** One of these values. */
  in?: readonly Comparable<Value>[] | undefined;
  /** None of these values. */
  notIn?: readonly Comparable<Value>[] | undefined;
} & ([NonNullable<Value>] extends [boolean] ? object : OrderOperators<NonNullable<Value>>) &
  (string extends NonNullable<Value> ? TextOperators : object);

/**
 * A condition of `where`: a value, null, a list (one of them), or operators.
 *
 * @publicApi
 */
export type UsageCondition<Value> =
  Comparable<Value> | readonly Comparable<Value>[] | UsageOperators<Value>;

/** The values of the dimensions, by name. */
interface DimensionValues {
  route: string | null;
  blueprint: string | null;
  handler: string | null;
  method: string;
  status: number;
  statusClass: string | null;
  outcome: UsageOutcome;
  consumer: string | null;
  consumerGroup: string | null;
  username: string | null;
  remote: string | null;
  visitor: string | null;
  userAgent: string | null;
  client: string | null;
  kind: UserAgentKind;
  platform: string | null;
  language: string | null;
  country: string | null;
  server: string;
  service: string | null;
  release: string | null;
  apiVersion: string | null;
  url: string;
  path: string;
  referrer: string | null;
  protocol: string;
  authorization: boolean;
  deprecated: boolean;
}

type OtherFields = Exclude<FilterableField, keyof DimensionValues>;

/**
 * What records must have: conditions by dimension (`country`, `statusClass`), by field of the record
 * (`speed`, `userAgent.browser`), by path into `trackVar`, `viewArgs` or `urlArgs` (`trackVar.plan`),
 * or by a summary of the application's own, whose name `OwnSummaries` declares. All of them must hold.
 *
 * Text is compared byte by byte. `url` is compared without its query, `referrer` by its host, and
 * `route` as `/cats/:id` or as `GET /cats/:id`. What stands at a path is text; numbers and booleans
 * are as JSON writes them, and a number is compared as a number with a number. A list or an object
 * at a path counts as null. `deprecated` is decided by the routes that services declare now.
 *
 * @example
 * const slow: UsageWhere = { route: '/cats/:id', speed: { gte: 0.5 }, 'trackVar.plan': 'pro' };
 *
 * @publicApi
 */
export type UsageWhere = {
  [Name in keyof DimensionValues]?: UsageCondition<DimensionValues[Name]> | undefined;
} & {
  [Path in OtherFields]?: UsageCondition<ValueAt<Path>> | undefined;
} & {
  [path: `${'trackVar' | 'viewArgs' | 'urlArgs'}.${string}`]:
    UsageCondition<string | number | boolean | null> | undefined;
} & {
  [Name in Exclude<OwnSummary, keyof DimensionValues | OtherFields>]?:
    UsageCondition<OwnValue<Name>> | undefined;
};
