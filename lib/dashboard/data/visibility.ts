import type { UsageRecord } from '../../record/index.js';
import { reportDimension } from '../../summary/index.js';
import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import type { Metric } from '../../storages/contract/usage-report.js';
import { FIELDS_OF_METRIC, withTellers } from './told-fields.js';

type Plain = Record<string, unknown>;

const PATH_OWNERS = ['trackVar', 'viewArgs', 'urlArgs'];

/** What of records may be shown. */
export class Visibility {
  private readonly hidden: ReadonlySet<string>;

  /** @param hide Fields, dimensions and summaries. A dimension hides what it is made of. */
  constructor(hide: readonly string[]) {
    // A path into `trackVar` hides no more than itself.
    const given = hide.flatMap((name) => (isPath(name) ? [name] : [name, ...fieldsOf(name)]));
    this.hidden = new Set(given.flatMap(withTellers));
  }

  /** Whether a field, a path, a dimension or a summary is hidden. */
  hides(name: string): boolean {
    if (name.includes(':')) return name.split(':').some((each) => this.hides(each));
    if (this.isHidden(name)) return true;
    // `geo` is the summary of the country.
    const summarized = name === 'geo' ? 'country' : name;
    const dimension = isPath(summarized) ? undefined : reportDimension(summarized);
    return dimension !== undefined && dimension.fields.some((field) => this.isHidden(field));
  }

  /** @throws {UsageQueryError} if what somebody asks for is hidden. Says no more than that. */
  check(field: string, name: string): void {
    if (this.hides(name)) throw new UsageQueryError(field, name, 'what this dashboard shows');
  }

  /** @throws {UsageQueryError} if a metric tells what is hidden. */
  checkMetric(field: string, metric: string): void {
    if (this.hidesMetric(metric))
      throw new UsageQueryError(field, metric, 'what this dashboard shows');
  }

  /** Whether a metric tells what is hidden. */
  hidesMetric(metric: string): boolean {
    return FIELDS_OF_METRIC[metric as Metric]?.some((field) => this.hides(field)) ?? false;
  }

  /** Those of some metrics that tell nothing that is hidden. */
  metrics<M extends Metric>(metrics: readonly M[]): readonly M[] {
    return metrics.filter((metric) => !this.hidesMetric(metric));
  }

  /** A record without what is hidden. */
  shown(record: UsageRecord): Partial<UsageRecord> {
    if (this.hidden.size === 0) return record;
    const shown: Plain = {};
    for (const [name, value] of Object.entries(record)) {
      if (this.isHidden(name)) continue;
      shown[name] = this.inside(name, value);
    }
    // What the query's parameters hold stands in the address too.
    const hidesArgs = [...this.hidden].some((each) => each.startsWith('urlArgs'));
    if (hidesArgs && typeof shown['url'] === 'string') shown['url'] = shown['url'].split('?')[0];
    return shown;
  }

  private inside(name: string, value: unknown): unknown {
    const paths = [...this.hidden].filter((each) => each.startsWith(`${name}.`));
    if (paths.length === 0 || typeof value !== 'object' || value === null) return value;
    return paths.reduce<unknown>(
      (left, path) => without(left, path.slice(name.length + 1).split('.')),
      value,
    );
  }

  /** Whether a name, or what it lies in, is hidden. */
  private isHidden(name: string): boolean {
    const parts = name.split('.');
    return parts.some((_, at) => this.hidden.has(parts.slice(0, at + 1).join('.')));
  }
}

function isPath(name: string): boolean {
  return PATH_OWNERS.some((owner) => name.startsWith(`${owner}.`));
}

function fieldsOf(name: string): readonly string[] {
  return reportDimension(name)?.fields ?? [];
}

function without(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || key === undefined) return value;
  const copy = { ...(value as Plain) };
  // The arguments of requests are flat: a dot is a part of their names.
  const whole = [key, ...rest].join('.');
  if (whole in copy) delete copy[whole];
  else if (key in copy) copy[key] = without(copy[key], rest);
  return copy;
}
