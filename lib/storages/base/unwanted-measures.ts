import { MEASURES, type MeasureName } from '../../summary/index.js';

/** Without these, a row cannot be read: the count, for how much of it the rest is known, and when. */
const ALWAYS_READ: readonly MeasureName[] = ['hits', 'measured', 'firstSeen', 'lastSeen'];

/** The measures that a reader can leave out if it wants only some. */
export function unwantedMeasures(wanted: ReadonlySet<MeasureName> | undefined): MeasureName[] {
  if (wanted === undefined) return [];
  return MEASURES.map(({ name }) => name).filter(
    (name) => !ALWAYS_READ.includes(name) && !wanted.has(name),
  );
}
