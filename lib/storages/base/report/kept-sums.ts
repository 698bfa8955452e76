import {
  CombinedSummary,
  keyOf,
  NO_KEY,
  OTHER_KEY,
  RECORD_COUNT,
  REPORT_DIMENSIONS,
  SummaryHook,
  UnknownKeyError,
  valuesOfCombinedKey,
  type DimensionValue,
  type KeptSummary,
  type ReportDimension,
} from '../../../summary/index.js';
import type { UsageRecord } from '../../../record/index.js';
import { SAFE_LENGTH, type DecidedDimension } from '../routes/deprecation-rule.js';
import { plainField, type Condition, type Value } from '../query/condition.js';
import { valueTest } from '../query/matches.js';
import { valueOfKey, type ReportedValue } from './dimension-value.js';
import type { FindSummary } from '../query/parse-where.js';

/** A kept summary, with the dimensions that its keys tell. */
export interface KeptSums {
  readonly summary: string;
  readonly dimensions: readonly ReportDimension[];
  /**
   * The values of the dimensions for a key; null if the key is that of folded values, or no key of
   * this summary.
   */
  values(key: string): readonly ReportedValue[] | null;
}

const ESCAPED = /^\\+\((?:none|other)\)$/;

/**
 * The kept summaries whose keys tell dimensions of reports, those of fewest dimensions first.
 *
 * @param own The dimensions that are named like a summary of the application's own.
 * @param decided Dimensions that others decide.
 */
export function keptSums(
  hooks: readonly KeptSummary[],
  own: readonly ReportDimension[],
  decided: readonly DecidedDimension[] = [],
): KeptSums[] {
  const found: KeptSums[] = [];
  if (hooks.length > 0) found.push({ summary: RECORD_COUNT, dimensions: [], values: () => [] });
  for (const hook of hooks) {
    const dimensions = dimensionsOf(hook, own);
    if (dimensions) found.push(sumsOf(hook, dimensions));
  }
  found.sort((a, b) => a.dimensions.length - b.dimensions.length);
  return found.map((each) => decided.reduce(withDecided, each));
}

/** Sums that also tell a dimension, if what decides it is in their keys. */
function withDecided(sums: KeptSums, decided: DecidedDimension): KeptSums {
  const places = decided.decidedBy.map(({ name }) =>
    sums.dimensions.findIndex((each) => each.name === name),
  );
  if (places.includes(-1) || !decided.isDecidedByKeys) return sums;
  return {
    ...sums,
    dimensions: [...sums.dimensions, decided],
    values: (key) => {
      const values = sums.values(key);
      return values && [...values, decided.decide(places.map((at) => plainValue(values[at]!)))];
    },
  };
}

/** Finds the dimension of the name of a summary that the storage keeps. Its value is the key. */
export function ownDimensions(hooks: readonly KeptSummary[]): FindSummary {
  return (wanted) => {
    const hook = hooks.find(({ dimension }) => dimension === wanted);
    if (!hook || hook instanceof CombinedSummary) return undefined;
    const { dimension: name, key } = hook;
    const read = (record: UsageRecord): DimensionValue => {
      try {
        const text = keyOf(key(record)) ?? NO_KEY;
        return text === NO_KEY ? null : unescaped(text);
      } catch (error) {
        if (error instanceof UnknownKeyError) throw error;
        return null;
      }
    };
    return {
      name,
      kind: 'text',
      fields: [],
      of: () => null,
      read,
      summary: name,
      expression: null,
    };
  };
}

/**
 * Whether keys of a summary tell if a condition is met. If they do, returns the place of its
 * dimension in the summary and the test of its value.
 */
export function keyTest(
  { operand, test }: Condition,
  dimensions: readonly ReportDimension[],
): { place: number; passes: (value: Value) => boolean } | null {
  const field = plainField(operand);
  const place = dimensions.findIndex((dimension) => {
    if (operand.kind === 'dimension') return operand.dimension.name === dimension.name;
    const { expression } = dimension;
    return field && expression && 'column' in expression && expression.column === field.path;
  });
  if (place < 0) return null;
  const given = 'values' in test ? test.values : [test.value];
  if (given.some((value) => typeof value === 'string' && value.length > SAFE_LENGTH)) return null;
  // What lies beyond the cut cannot be told.
  if (test.op === 'contains') return null;
  return { place, passes: valueTest(operand, test) };
}

/** The value of a record for what a report shows of it. */
export function plainValue(value: ReportedValue): Value {
  return typeof value === 'string' ? unescaped(value) : value;
}

function unescaped(text: string): string {
  return ESCAPED.test(text) ? text.slice(1) : text;
}

function dimensionsOf(
  hook: KeptSummary,
  own: readonly ReportDimension[],
): readonly ReportDimension[] | null {
  if (hook instanceof CombinedSummary) return hook.dimensions;
  // An application may keep a summary of its own under a standard name.
  for (const dimension of REPORT_DIMENSIONS.values())
    if (dimension.summary === hook.dimension && dimension.read === hook.key) return [dimension];
  const found = own.find(({ name }) => name === hook.dimension);
  return found && hook instanceof SummaryHook ? [found] : null;
}

function sumsOf(
  { dimension: summary }: KeptSummary,
  dimensions: readonly ReportDimension[],
): KeptSums {
  const [only] = dimensions;
  if (dimensions.length === 1)
    return {
      summary,
      dimensions,
      values: (key) => (key === OTHER_KEY ? null : [valueOfKey(only!, key)]),
    };
  return {
    summary,
    dimensions,
    values: (key) => {
      const parts = valuesOfCombinedKey(key);
      return parts && dimensions.map((dimension, at) => partValue(dimension, parts[at] ?? null));
    },
  };
}

/** The reported value of a part of a combined key, which is not escaped. */
function partValue(dimension: ReportDimension, part: string | null): ReportedValue {
  if (part === null) return null;
  if (dimension.kind !== 'text') return valueOfKey(dimension, part);
  return /^\\*\(other\)$/.test(part) ? `\\${part}` : part;
}
