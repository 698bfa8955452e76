import type { ReportDimension } from '../../../summary/index.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';
import type { UsageStorage } from '../../contract/usage-storage.js';
import type { ParsedFilter } from '../parse-usage-query.js';
import type { Condition, Test } from '../query/condition.js';
import { plainTest } from '../query/matches.js';
import type { ParsedReportQuery } from '../report/parse-report-query.js';
import { deprecatedDimension } from './deprecation-rule.js';
import { serviceRoutesOf, type ServiceRoutes } from './route-note.js';

/** Reads the stored notes of a kind. */
export type ReadNotes = Required<UsageStorage>['readNotes'];

/** The lists of routes that a storage knows, one for each service. */
export async function readServiceRoutes(readNotes: ReadNotes): Promise<ServiceRoutes[]> {
  return [...(await readNotes('routes')).values()]
    .map((text) => serviceRoutesOf(text))
    .filter((routes): routes is ServiceRoutes => routes !== null);
}

/** Whether a query asks what is deprecated, which the list of routes decides. */
export function asksDeprecated(query: {
  readonly where?: unknown;
  readonly dimensions?: unknown;
}): boolean {
  const { where, dimensions } = query;
  return (
    (Array.isArray(dimensions) && dimensions.includes('deprecated')) ||
    (where as { deprecated?: unknown } | undefined)?.deprecated !== undefined
  );
}

/**
 * A filter whose condition on `deprecated` is one on the routes that are declared now.
 *
 * @throws {UsageQueryError} if there is such a condition and no list of routes.
 */
export async function withDeprecatedRoutes<Filter extends Pick<ParsedFilter, 'where'>>(
  filter: Filter,
  readNotes: ReadNotes,
): Promise<Filter> {
  if (!filter.where.some(isOfDeprecated)) return filter;
  const dimension = await decided('where.deprecated', readNotes);
  return { ...filter, where: withDimension(filter.where, dimension) };
}

/**
 * A report's question whose dimension and condition `deprecated` are decided by the routes that are
 * declared now.
 *
 * @throws {UsageQueryError} if it names them and there is no list of routes.
 */
export async function withDeprecatedGroups(
  query: ParsedReportQuery,
  readNotes: ReadNotes,
): Promise<ParsedReportQuery> {
  const { dimensions, filter } = query;
  const isGrouped = dimensions.some(isDeprecated);
  if (!isGrouped && !filter.where.some(isOfDeprecated)) return query;
  const dimension = await decided(isGrouped ? 'dimensions' : 'where.deprecated', readNotes);
  return {
    ...query,
    dimensions: dimensions.map((each) => (isDeprecated(each) ? dimension : each)),
    filter: { ...filter, where: withDimension(filter.where, dimension) },
  };
}

async function decided(field: string, readNotes: ReadNotes): Promise<ReportDimension> {
  const services = await readServiceRoutes(readNotes);
  if (services.length > 0) return deprecatedDimension(services);
  throw new UsageQueryError(
    field,
    'deprecated',
    'a storage that knows which routes are declared: an application of this version stores them ' +
      'there when it starts',
  );
}

function withDimension(
  where: readonly Condition[],
  dimension: ReportDimension,
): readonly Condition[] {
  return where.map((condition) =>
    isOfDeprecated(condition)
      ? { operand: { kind: 'dimension', dimension }, test: plain(condition.test) }
      : condition,
  );
}

/** The test as databases take it: true, not true, anything or nothing. */
function plain(test: Test): Test {
  const passes = plainTest(test);
  const [takesTrue, takesFalse] = [passes(true), passes(false)];
  if (takesTrue === takesFalse) return { op: 'in', values: [], isNegated: takesTrue };
  return { op: 'in', values: [true], isNegated: takesFalse };
}

function isOfDeprecated({ operand }: Condition): boolean {
  return operand.kind === 'dimension' && isDeprecated(operand.dimension);
}

function isDeprecated({ name }: ReportDimension): boolean {
  return name === 'deprecated';
}
