import { describe, expect, it } from 'vitest';
import { readIpInfo } from '../../lib/enrichment/geo-ip/read-ip-info.js';

const MOUNTAIN_VIEW = {
  country: 'US',
  region: 'California',
  city: 'Mountain View',
  latitude: 37.386,
  longitude: -122.0838,
};
const place = { city: 'Mountain View', latitude: 37.386, longitude: -122.0838 };

/** What each service answers for the same place, in the shape that its documentation gives. */
const ANSWERS: Record<string, unknown> = {
  'GeoIP2 and GeoLite2 City, DB-IP': {
    city: { geoname_id: 5375480, names: { de: 'Mountain View', en: 'Mountain View' } },
    country: { iso_code: 'US', names: { en: 'United States' } },
    location: { latitude: 37.386, longitude: -122.0838, time_zone: 'America/Los_Angeles' },
    subdivisions: [{ iso_code: 'CA', names: { en: 'California' } }],
  },
  'ip-api.com': {
    status: 'success',
    country: 'United States',
    countryCode: 'US',
    region: 'CA',
    regionName: 'California',
    city: 'Mountain View',
    lat: 37.386,
    lon: -122.0838,
  },
  'ipinfo.io': {
    ip: '8.8.8.8',
    city: 'Mountain View',
    region: 'California',
    country: 'US',
    loc: '37.386,-122.0838',
  },
  'ipapi.co': {
    ...place,
    region: 'California',
    region_code: 'CA',
    country: 'US',
    country_name: 'United States',
    country_code: 'US',
    error: false,
  },
  'ipwho.is': {
    ...place,
    success: true,
    country: 'United States',
    country_code: 'US',
    region: 'California',
    region_code: 'CA',
  },
  'ipstack and freegeoip': {
    ...place,
    country_code: 'us',
    country_name: 'United States',
    region_code: 'CA',
    region_name: 'California',
  },
  'ipgeolocation.io': {
    country_code2: 'US',
    country_code3: 'USA',
    state_prov: 'California',
    city: 'Mountain View',
    latitude: '37.38600',
    longitude: '-122.08380',
  },
  'ip2location.io': {
    country_code: 'US',
    region_name: 'California',
    city_name: 'Mountain View',
    latitude: 37.386,
    longitude: -122.0838,
  },
  ipregistry: {
    location: { country: { code: 'US' }, region: { name: 'California' }, ...place },
  },
  'keycdn tools': {
    status: 'success',
    data: { geo: { country_code: 'US', region_name: 'California', ...place } },
  },
  'a resolver of the user': { ...MOUNTAIN_VIEW, raw: { id: 1 } },
};

describe('an answer of a geography service', () => {
  it.each(Object.entries(ANSWERS))('is read: %s', (_, answer) => {
    expect(readIpInfo(answer)).toEqual({ ...MOUNTAIN_VIEW, raw: answer });
  });

  it.each([
    [{ country_code: 'CH' }, 'CH'],
    [{ country: 'CH' }, 'CH'],
    [{ registered_country: { iso_code: 'CH' } }, 'CH'],
    [{ country: 'Switzerland' }, null],
    [{ country_code: '' }, null],
    [{}, null],
  ])('may know the country only: %j', (answer, country) => {
    const nothing = { region: null, city: null, latitude: null, longitude: null };
    expect(readIpInfo(answer)).toEqual({ country, ...nothing, raw: answer });
  });

  it('has coordinates on earth, or none', () => {
    const info = readIpInfo({ latitude: 91, longitude: 'west', city: 7, country_code: 'CH' });
    expect(info).toMatchObject({ latitude: null, longitude: null, city: null });
    expect(readIpInfo({ lat: 0, lon: -0 })).toMatchObject({ latitude: 0, longitude: 0 });
    expect(readIpInfo({ loc: ',' })).toMatchObject({ latitude: null, longitude: null });
  });

  it('is kept within limits', () => {
    const info = readIpInfo({ city: 'x'.repeat(5000), junk: Array(5000).fill('\0') });
    expect(info?.city).toHaveLength(1024);
    expect((info?.raw as { junk: string[] }).junk.length).toBeLessThan(1000);
    expect(JSON.stringify(info)).not.toContain('\\u0000');
  });

  it('is nothing, if nothing is known', () => {
    expect([readIpInfo(null), readIpInfo(undefined)]).toEqual([null, null]);
  });

  it.each([
    [{ status: 'fail', message: 'quota' }, 'quota'],
    [{ success: false, message: 'reserved range' }, 'reserved range'],
    [{ error: true, reason: 'RateLimited' }, 'RateLimited'],
    [{ error: { code: 104, info: 'limit reached' } }, 'limit reached'],
    ['text', 'to be an object'],
  ])('is an error, if it says so: %j', (answer, message) => {
    expect(() => readIpInfo(answer)).toThrow(message);
  });
});
