import type { IpInfo } from '../../record/index.js';
import { toJsonValue, sanitizeText } from '../text-limits.js';

type Fields = Record<string, unknown>;

/** Paths of the country in the answers of services, most reliable first. Dots separate levels. */
const COUNTRY = [
  ...['country.iso_code', 'country_code', 'countryCode', 'country_code2', 'country.code'],
  ...['countryCode2', 'country_iso', 'country', 'registered_country.iso_code', 'location.country'],
];

const REGION = [
  ...['subdivisions.0.names.en', 'subdivisions.0.iso_code', 'regionName', 'region_name'],
  ...['region.name', 'state_prov', 'region', 'state', 'state1', 'stateProv', 'region_code'],
];
const CITY = ['city.names.en', 'city.name', 'city', 'city_name', 'cityName'];
const LATITUDE = ['location.latitude', 'latitude', 'lat', 'location.lat'];
const LONGITUDE = ['location.longitude', 'longitude', 'lon', 'lng', 'location.lng', 'location.lon'];
/** Paths of the object in which some services wrap all fields. */
const ENVELOPES = ['', 'data.geo', 'data', 'location', 'geo'];

/**
 * Reads an answer of a known service or database.
 *
 * @param raw Value for the field `raw`.
 * @returns Null if there is no answer.
 * @throws {Error} if the answer is not an object or says that the service failed.
 */
export function readIpInfo(answer: unknown, raw: unknown = answer): IpInfo | null {
  if (answer === null || answer === undefined) return null;
  if (typeof answer !== 'object') {
    throw new Error(`Expected geography to be an object, but it was a ${typeof answer}.`);
  }
  const fields = answer as Fields;
  throwIfFailure(fields);
  const [latitude, longitude] = coordinates(fields);
  return {
    country: first(fields, COUNTRY, asCountry),
    region: first(fields, REGION, asText),
    city: first(fields, CITY, asText),
    latitude,
    longitude,
    raw: toJsonValue(raw),
  };
}

function throwIfFailure(fields: Fields): void {
  const { status, success, error } = fields;
  if (status !== 'fail' && success !== false && (error === undefined || error === false)) return;
  if (error === null) return;
  const detail = fields.message ?? fields.reason ?? fields.error ?? 'no reason given';
  throw new Error(`The geography service failed: ${sanitizeText(JSON.stringify(detail), 200)}`);
}

function coordinates(fields: Fields): [number | null, number | null] {
  const { loc } = fields;
  if (typeof loc === 'string' && loc.includes(',')) {
    const [latitude, longitude] = loc.split(',');
    return [asDegrees(90)(latitude), asDegrees(180)(longitude)];
  }
  return [first(fields, LATITUDE, asDegrees(90)), first(fields, LONGITUDE, asDegrees(180))];
}

function first<T>(
  fields: Fields,
  paths: readonly string[],
  read: (value: unknown) => T | null,
): T | null {
  for (const envelope of ENVELOPES) {
    const inner = envelope === '' ? fields : valueAt(fields, envelope);
    for (const path of paths) {
      const value = read(valueAt(inner, path));
      if (value !== null) return value;
    }
  }
  return null;
}

function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (inner, name) =>
        typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
          ? (inner as Fields)[name]
          : undefined,
      value,
    );
}

function asCountry(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z]{2}$/i.test(value) ? value.toUpperCase() : null;
}

function asText(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? sanitizeText(value.trim()) : null;
}

function asDegrees(limit: number): (value: unknown) => number | null {
  return (value) => {
    const degrees = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof degrees !== 'number' || !(Math.abs(degrees) <= limit)) return null;
    return degrees + 0;
  };
}
