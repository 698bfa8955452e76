import type { Test } from './condition.js';

/** The values of a list, for what stands in JSON. */
export interface ListedTexts {
  /** All of them as text: numbers and booleans as JSON writes them. */
  readonly texts: readonly string[];
  /** Those texts that are a number as JSON writes it. */
  readonly numbers: readonly number[];
  /** Those texts that are a boolean as JSON writes it. */
  readonly booleans: readonly string[];
  readonly hasNull: boolean;
}

export function listedTexts({ values }: Extract<Test, { op: 'in' }>): ListedTexts {
  const texts = new Set<string>();
  for (const value of values)
    if (value !== null) texts.add(typeof value === 'string' ? value : JSON.stringify(value));
  return {
    texts: [...texts],
    numbers: [...texts]
      .map(Number)
      .filter((each) => Number.isFinite(each) && texts.has(String(each))),
    booleans: ['true', 'false'].filter((each) => texts.has(each)),
    hasNull: values.includes(null),
  };
}
