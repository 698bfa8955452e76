import { nearestName } from '../../support/nearest-name.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/** Which names a writer has, and which others it accepts. */
export interface NameRules<Metric extends string, Label extends string> {
  /** The writer, for messages. */
  readonly owner: string;
  readonly metrics: readonly Metric[];
  readonly labels: readonly Label[];
  readonly metricName: NamePattern;
  readonly labelName: NamePattern;
}

/** What a name has to look like, and that in words. */
export interface NamePattern {
  readonly pattern: RegExp;
  readonly words: string;
}

/**
 * All names with the given ones in their places.
 *
 * @throws {TrackUsageOptionsError} if a given name replaces none, is not allowed, or is the name of
 * another metric or label.
 */
export function resolveNames<Metric extends string, Label extends string>(
  given: Partial<Record<Metric | Label, string>> | undefined,
  { owner, metrics, labels, metricName, labelName }: NameRules<Metric, Label>,
): Readonly<Record<Metric | Label, string>> {
  const known: readonly string[] = [...metrics, ...labels];
  const wrong = (option: string, value: unknown, expected: string, hint?: string) =>
    new TrackUsageOptionsError(option, value, expected, { owner, ...(hint && { hint }) });
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given)))
    throw wrong('names', given, 'an object of names by the names they replace');
  const names = Object.fromEntries(known.map((name) => [name, name]));
  for (const [name, value] of Object.entries<unknown>(given ?? {})) {
    if (value === undefined) continue;
    if (!known.includes(name)) {
      const nearest = nearestName(name, known);
      const hint = nearest && `Did you mean ${nearest}?`;
      throw wrong('names', name, `names of ${known.join(', ')}`, hint);
    }
    const rule = (metrics as readonly string[]).includes(name) ? metricName : labelName;
    if (typeof value !== 'string' || !rule.pattern.test(value))
      throw wrong(`names.${name}`, value, rule.words);
    names[name] = value;
  }
  for (const group of [metrics, labels] as const)
    for (const [at, name] of group.entries()) {
      const other = group.slice(0, at).find((each) => names[each] === names[name]);
      if (other !== undefined)
        throw wrong(`names.${name}`, names[name], `a name other than that of ${other}`);
    }
  return names as Record<Metric | Label, string>;
}
