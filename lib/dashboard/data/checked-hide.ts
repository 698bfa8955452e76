import { RECORD_FIELDS } from '../../record/index.js';
import { REPORT_DIMENSIONS } from '../../summary/index.js';
import { nearestName } from '../../support/nearest-name.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/** What all figures are made of. */
const ALWAYS_SHOWN = ['id', 'date', 'weight'];
const GEOGRAPHY = ['country', 'region', 'city', 'latitude', 'longitude', 'raw'];
const NAMES: readonly string[] = [
  ...RECORD_FIELDS.map(({ path }) => path).filter((path) => !ALWAYS_SHOWN.includes(path)),
  ...GEOGRAPHY.map((name) => `ipInfo.${name}`),
  ...REPORT_DIMENSIONS.keys(),
  'userAgent',
  'geo',
];
const PATH = /^(?:trackVar|viewArgs|urlArgs)\../s;

/**
 * Checks the option `hide`: a name that is misspelt would hide nothing.
 *
 * @param summaries Names of the summaries that the storage keeps.
 * @throws {TrackUsageOptionsError} if a name is none of a field, a dimension or a summary, or of a field
 * that cannot be hidden.
 */
export function checkHide(hide: readonly string[], summaries: readonly string[]): void {
  for (const name of hide) {
    if (NAMES.includes(name) || PATH.test(name) || summaries.includes(name)) continue;
    const nearest = nearestName(name, [...NAMES, ...summaries]);
    throw new TrackUsageOptionsError(
      'hide',
      name,
      ALWAYS_SHOWN.includes(name)
        ? `fields other than ${ALWAYS_SHOWN.join(', ')}, which every figure is made of`
        : 'fields of the record, dimensions, or summaries of the storage',
      {
        owner: 'UsageDashboardModule',
        hint: ALWAYS_SHOWN.includes(name)
          ? 'records: false leaves out single requests.'
          : nearest === undefined
            ? "Such as remoteAddr, username or 'trackVar.email'."
            : `Did you mean ${nearest}?`,
      },
    );
  }
}
