import type { JsonObject, RecordPath, UsageRecord } from '../record/index.js';
import type { Expression } from './dimension-expression.js';
import {
  countryOf,
  hostOf,
  majorClient,
  ofPath,
  routeOf,
  statusClassOf,
  wholeClient,
  withoutQuery,
} from './dimension-values.js';
import { pathKeys } from './json-path.js';

/** The value of a dimension. Null: the record has none. */
export type DimensionValue = string | number | boolean | null;

/** One dimension of reports and filters: what of a record it is made of, and how. */
export interface ReportDimension {
  /** The name for `dimensions` and `where`. */
  readonly name: string;
  readonly kind: 'text' | 'number' | 'boolean';
  /** The fields of the record that it is made of. */
  readonly fields: readonly RecordPath[];
  /** The value for those fields' values, in that order. Never throws. */
  readonly of: (...values: unknown[]) => DimensionValue;
  /** The value of a record. */
  readonly read: (record: UsageRecord) => DimensionValue;
  /** Name of the standard summary with the same keys; null if there is none. */
  readonly summary: string | null;
  /** The value in terms that databases know; null if they cannot say it. */
  readonly expression: Expression | null;
}

const TRACK_VAR = 'trackVar.';

/**
 * The dimensions by name, without `trackVar.<name>`. Whether a request is `deprecated` is no matter
 * of its record: a query gets a dimension that decides it by the routes that are declared.
 */
export const REPORT_DIMENSIONS: ReadonlyMap<string, ReportDimension> = new Map(
  [
    dimension({
      name: 'route',
      fields: ['method', 'route'],
      of: routeOf,
      read: (record) => routeOf(record.method, record.route),
      summary: 'route',
      expression: { concat: [{ column: 'method' }, ' ', { column: 'route' }] },
    }),
    field('blueprint', 'blueprint', (record) => record.blueprint, { summary: 'blueprint' }),
    field('handler', 'handler', (record) => record.handler),
    field('method', 'method', (record) => record.method),
    field('status', 'status', (record) => record.status, { kind: 'number', summary: 'status' }),
    dimension({
      name: 'statusClass',
      fields: ['status'],
      of: statusClassOf,
      read: (record) => statusClassOf(record.status),
      expression: { statusClass: 'status' },
    }),
    field('outcome', 'outcome', (record) => record.outcome),
    field('consumer', 'consumer', (record) => record.consumer, { summary: 'consumer' }),
    field('consumerGroup', 'consumerGroup', (record) => record.consumerGroup),
    field('username', 'username', (record) => record.username),
    field('remote', 'remoteAddr', (record) => record.remoteAddr, { summary: 'remote' }),
    field('visitor', 'visitorId', (record) => record.visitorId, { summary: 'visitor' }),
    dimension({
      name: 'userAgent',
      fields: ['userAgent.browser', 'userAgent.version'],
      of: majorClient,
      read: ({ userAgent: { browser, version } }) => majorClient(browser, version),
      summary: 'userAgent',
      expression: { withMajor: 'userAgent.browser', of: 'userAgent.version' },
    }),
    dimension({
      name: 'client',
      fields: ['userAgent.browser', 'userAgent.version'],
      of: wholeClient,
      read: ({ userAgent: { browser, version } }) => wholeClient(browser, version),
      summary: 'client',
      expression: { withSuffix: 'userAgent.browser', of: 'userAgent.version' },
    }),
    field('kind', 'userAgent.kind', (record) => record.userAgent.kind),
    field('platform', 'userAgent.platform', (record) => record.userAgent.platform),
    field('language', 'userAgent.language', (record) => record.userAgent.language, {
      summary: 'language',
    }),
    dimension({
      name: 'country',
      fields: ['ipInfo'],
      of: countryOf,
      read: (record) => countryOf(record.ipInfo),
      summary: 'geo',
      expression: { json: 'ipInfo', keys: ['country'] },
    }),
    field('server', 'serverName', (record) => record.serverName, { summary: 'server' }),
    field('service', 'service', (record) => record.service),
    field('release', 'release', (record) => record.release, { summary: 'release' }),
    field('apiVersion', 'apiVersion', (record) => record.apiVersion),
    dimension({
      name: 'url',
      fields: ['url'],
      of: withoutQuery,
      read: (record) => withoutQuery(record.url),
      summary: 'url',
      expression: { before: '?', of: 'url' },
    }),
    field('path', 'path', (record) => record.path),
    dimension({
      name: 'referrer',
      fields: ['referrer'],
      of: hostOf,
      read: (record) => hostOf(record.referrer),
    }),
    field('protocol', 'protocol', (record) => record.protocol),
    field('authorization', 'authorization', (record) => record.authorization, {
      kind: 'boolean',
    }),
    dimension({ name: 'deprecated', kind: 'boolean', fields: [], of: undecided, read: undecided }),
  ].map((each) => [each.name, each]),
);

/** The names of all dimensions, for messages. */
export const DIMENSION_NAMES: readonly string[] = [
  ...REPORT_DIMENSIONS.keys(),
  `${TRACK_VAR}<name>`,
];

/**
 * The dimension of a name; undefined if there is none. `trackVar.plan` is the value of `plan` in
 * `trackVar`; `trackVar.shop.plan` is one level deeper.
 */
export function reportDimension(name: string): ReportDimension | undefined {
  const keys = name.startsWith(TRACK_VAR) ? pathKeys(name.slice(TRACK_VAR.length)) : null;
  if (keys === null) return REPORT_DIMENSIONS.get(name);
  return dimension({
    name,
    fields: ['trackVar'],
    of: (trackVar) => ofPath(trackVar as JsonObject | null, keys),
    read: (record) => ofPath(record.trackVar, keys),
    expression: { json: 'trackVar', keys },
  });
}

/** The dimension of a name that is known to exist. */
export function standardDimension(name: string): ReportDimension {
  return REPORT_DIMENSIONS.get(name)!;
}

function undecided(): never {
  throw new Error("Whether a request is 'deprecated' is decided by the declared routes.");
}

type DimensionDefinition = Pick<ReportDimension, 'name' | 'fields' | 'of' | 'read'> &
  Partial<Pick<ReportDimension, 'kind' | 'summary' | 'expression'>>;

function dimension(given: DimensionDefinition): ReportDimension {
  return { kind: 'text', summary: null, expression: null, ...given };
}

// A summary calls `read` for each record that is stored, so it names its fields literally, which V8
// reads faster than fields by a name from a list.
function field(
  name: string,
  path: RecordPath,
  read: ReportDimension['read'],
  more: Partial<DimensionDefinition> = {},
): ReportDimension {
  const of = (value: unknown) => value as DimensionValue;
  return dimension({ name, fields: [path], of, read, expression: { column: path }, ...more });
}
