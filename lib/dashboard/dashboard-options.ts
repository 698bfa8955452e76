import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import { TrackUsageOptionsError } from '../support/track-usage-options.error.js';

/**
 * A guard of the application: its class, or an instance.
 *
 * @publicApi
 */
export type DashboardGuard = CanActivate | Type<CanActivate>;

/**
 * What the page shows for a consumer instead of its id.
 *
 * @publicApi
 */
export interface ConsumerDescription {
  /** What the page shows instead of the id. */
  readonly name: string;
  /** A plan, a tenant or a team. */
  readonly group?: string | null;
}

/**
 * Returns names for ids of consumers. Ids without a name are shown as they are.
 *
 * @example
 * UsageDashboardModule.forRoot({
 *   guards: [AdminGuard],
 *   describeConsumers: (ids) => customers.namesOf(ids),
 * });
 *
 * @publicApi
 */
export type DescribeConsumers = (
  ids: readonly string[],
) =>
  | Readonly<Record<string, ConsumerDescription | string>>
  | ReadonlyMap<string, ConsumerDescription | string>
  | Promise<
      | Readonly<Record<string, ConsumerDescription | string>>
      | ReadonlyMap<string, ConsumerDescription | string>
    >;

/**
 * The options of `UsageDashboardModule.forRoot()`.
 *
 * @publicApi
 */
export interface UsageDashboardOptions extends Pick<ModuleMetadata, 'imports'> {
  /**
   * Where the page is, below the application's global prefix.
   * @default 'usage'
   */
  path?: string;
  /**
   * Guards that every request below `path` has to pass: classes or instances, such as
   * `basicAuth({ user, password })`. A class that is a provider of the application comes from there;
   * another one is created, with what `imports` offer. `'none'` lets everybody in.
   */
  guards: readonly DashboardGuard[] | 'none';
  /**
   * Name of the application, in the page's head.
   * @default the option `service` of TrackUsageModule
   */
  title?: string;
  /**
   * Returns names and groups for ids of consumers. Called when a page is read, with the ids that it
   * shows. If it fails or takes longer than a second, the ids are shown.
   * @default none
   */
  describeConsumers?: DescribeConsumers;
  /**
   * Whether single requests are shown: the latest ones, live ones, each with its fields, and
   * `records.json`, `records.csv` and `records.ndjson`.
   * @default true
   */
  records?: boolean;
  /**
   * Fields of the record that are shown nowhere, and what tells them: dimensions and metrics made of
   * them, and fields that contain them. `remoteAddr`, `username`, `trackVar.email`, `speed`. A
   * dimension hides what it is made of. With `byUser()`, `username` hides the consumer too. A summary
   * of one's own is hidden by its name alone. `id`, `date` and `weight` cannot be hidden.
   * @default none
   */
  hide?: readonly string[];
  /**
   * More dimensions that have a panel: `trackVar.<name>`, or any dimension of reports. Summaries of
   * your own have a panel without being named.
   * @default none
   */
  dimensions?: readonly string[];
}

/** The options with their defaults. */
export interface CheckedDashboardOptions {
  readonly path: string;
  readonly guards: readonly DashboardGuard[];
  readonly title: string | null;
  readonly describeConsumers: DescribeConsumers | null;
  readonly records: boolean;
  readonly hide: readonly string[];
  readonly dimensions: readonly string[];
}

/** Injection token of the checked options. */
export const DASHBOARD_OPTIONS = Symbol('UsageDashboardOptions');

const OWNER = 'UsageDashboardModule';
const NAMES = [
  'path',
  'guards',
  'title',
  'describeConsumers',
  'records',
  'hide',
  'dimensions',
  'imports',
];
const PATH = /^[\w.~-]+(?:\/[\w.~-]+)*$/;

/** @throws {TrackUsageOptionsError} if an option is unknown or does not fit, or guards are missing. */
export function checkDashboardOptions(given: UsageDashboardOptions): CheckedDashboardOptions {
  const options: unknown = given ?? {};
  if (typeof options !== 'object') throw wrong('', 'an object of options', given);
  for (const [name, value] of Object.entries(options as object))
    if (!NAMES.includes(name)) throw wrong(name, `one of the options ${NAMES.join(', ')}`, value);
  const { guards, title, describeConsumers, records, hide = [], dimensions = [] } = given ?? {};
  const path = typeof given?.path === 'string' ? given.path.replace(/^\/+|\/+$/g, '') : given?.path;
  if (path !== undefined && !(typeof path === 'string' && PATH.test(path)))
    throw wrong('path', "a path of plain names, such as 'admin/usage'", given.path);
  if (title !== undefined && typeof title !== 'string') throw wrong('title', 'text', title);
  if (describeConsumers !== undefined && typeof describeConsumers !== 'function')
    throw wrong('describeConsumers', 'a function of ids', describeConsumers);
  if (records !== undefined && typeof records !== 'boolean')
    throw wrong('records', 'true or false', records);
  checkNames('hide', hide);
  checkNames('dimensions', dimensions);
  return {
    path: path ?? 'usage',
    guards: checkedGuards(guards),
    title: title ?? null,
    describeConsumers: describeConsumers ?? null,
    records: records ?? true,
    hide,
    dimensions,
  };
}

function checkedGuards(guards: unknown): readonly DashboardGuard[] {
  if (guards === 'none') return [];
  const isGuard = (each: unknown) =>
    typeof each === 'function' ||
    typeof (each as Partial<CanActivate> | null)?.canActivate === 'function';
  if (Array.isArray(guards) && guards.length > 0 && guards.every(isGuard))
    return guards as DashboardGuard[];
  throw new TrackUsageOptionsError(
    'guards',
    guards,
    'a list of guards, so that not everybody sees the page',
    {
      owner: OWNER,
      hint:
        'Write UsageDashboardModule.forRoot({ guards: [AdminGuard] }) with a guard of your own, or ' +
        "guards: [basicAuth({ user, password })]; guards: 'none' lets everybody in.",
    },
  );
}

function checkNames(option: string, names: unknown): void {
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && name !== ''))
    throw wrong(option, "a list of names, such as ['remoteAddr']", names);
}

function wrong(option: string, expected: string, value: unknown): TrackUsageOptionsError {
  return new TrackUsageOptionsError(option, value, expected, { owner: OWNER, hint: '' });
}
