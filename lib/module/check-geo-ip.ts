import {
  checkOptions,
  isCount,
  isFunction,
  isMilliseconds,
  isText,
  type OptionCheck,
} from '../support/option-checks.js';
import { TrackUsageOptionsError } from '../support/track-usage-options.error.js';

const SOURCES = ['endpoint', 'database', 'resolve'];

const isUrl: OptionCheck = (option, value) => {
  const { protocol } = URL.canParse(value as string) ? new URL(value as string) : { protocol: '' };
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TrackUsageOptionsError(
      option,
      value,
      "a URL such as 'https://geo.example.org/json/{ip}'",
    );
};

const isHeaders: OptionCheck = (option, value) => {
  const fits =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((header) => typeof header === 'string');
  if (!fits) throw new TrackUsageOptionsError(option, value, 'an object of header names and texts');
};

const checkCache: OptionCheck = (option, value) => {
  if (typeof value !== 'object' || value === null)
    throw new TrackUsageOptionsError(option, value, 'an object with max and ttl');
  checkOptions(value, { max: isCount, ttl: isCount }, `${option}.`);
};

const GEO_IP_CHECKS: Record<string, OptionCheck> = {
  endpoint: isUrl,
  database: isText,
  resolve: isFunction,
  headers: isHeaders,
  timeout: isMilliseconds,
  cache: checkCache,
  concurrency: isCount,
  map: isFunction,
};

/** Checks the `geoIp` option: one source, and its limits. */
export function checkGeoIp(option: string, geoIp: unknown): void {
  const given = typeof geoIp === 'object' && geoIp !== null ? geoIp : {};
  const sources = SOURCES.filter((source) => source in given);
  if (sources.length !== 1)
    throw new TrackUsageOptionsError(option, geoIp, `an object with one of ${SOURCES.join(', ')}`);
  for (const [name, value] of Object.entries(given))
    // Which source it is must not be left to an environment variable that is missing.
    if (SOURCES.includes(name) && value === undefined)
      throw new TrackUsageOptionsError(`${option}.${name}`, value, 'a value');
  checkOptions(given, GEO_IP_CHECKS, `${option}.`);
}
