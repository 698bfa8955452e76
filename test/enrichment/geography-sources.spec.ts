import { copyFile, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { GeoIpOptions } from 'nestjs-track-usage';
import { GeoIp } from '../../lib/enrichment/geo-ip/geo-ip.js';
import { missingPackage } from '../../lib/support/optional-packages.js';
import { GeoServer, json } from './geo-server.js';
import { SilentLogger } from './silent-logger.js';

const SWISS = { status: 'success', countryCode: 'CH', regionName: 'Zurich', city: 'Zürich' };

async function open(options: GeoIpOptions, logger = new SilentLogger()): Promise<GeoIp> {
  const geoIp = await GeoIp.open({ timeout: 10_000, ...options }, logger);
  onTestFinished(() => geoIp.close());
  return geoIp;
}

describe('geography from an endpoint', () => {
  it.each([
    ['/json/{ip}', '/json/8.8.8.8'],
    ['/json?address={ip}&lang=en', '/json?address=8.8.8.8&lang=en'],
    ['/json/', '/json/8.8.8.8'],
    ['/json', '/json/8.8.8.8'],
    ['/?ip=', '/?ip=8.8.8.8'],
  ])('is asked for at %s', async (endpoint, url) => {
    const server = await GeoServer.start(json(SWISS));
    const geoIp = await open({ endpoint: server.url + endpoint, headers: { 'x-api-key': 'k1' } });
    expect(await geoIp.lookup('8.8.8.8')).toMatchObject({ country: 'CH', raw: SWISS });
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]).toMatchObject({ url, headers: { 'x-api-key': 'k1' } });
  });

  it('is asked for with an IPv6 address encoded', async () => {
    const server = await GeoServer.start(json(SWISS));
    const geoIp = await open({ endpoint: `${server.url}/{ip}` });
    await geoIp.lookup('2001:4860:4860::8888');
    expect(server.asked[0]?.url).toBe('/2001%3A4860%3A4860%3A%3A8888');
  });

  it('may be read by a function of the user', async () => {
    const answer = { place: { land: 'ch', at: [47.37, 8.54] } };
    const server = await GeoServer.start(json(answer));
    const geoIp = await open({
      endpoint: server.url,
      map: ({ place }: typeof answer) => ({
        country: place.land,
        latitude: place.at[0],
        longitude: place.at[1],
      }),
    });
    expect(await geoIp.lookup('8.8.8.8')).toEqual({
      country: 'CH',
      region: null,
      city: null,
      latitude: 47.37,
      longitude: 8.54,
      raw: answer,
    });
  });

  it('is null where the service knows nothing', async () => {
    const server = await GeoServer.start(json({}, 404));
    const geoIp = await open({ endpoint: server.url });
    expect(await geoIp.lookup('8.8.8.8')).toBeNull();
    expect(geoIp.stats()).toMatchObject({ calls: 1, notFound: 1, failed: 0 });
  });
});

describe('geography from a database file', () => {
  const packageFile = createRequire(import.meta.url).resolve(
    '@ip-location-db/geo-whois-asn-country-mmdb/package.json',
  );
  const packaged = (name: string) =>
    join(dirname(packageFile), `geo-whois-asn-country${name}.mmdb`);
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'track-usage-geo-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is there at once, for IPv4 and IPv6', async () => {
    const geoIp = await open({ database: packaged('') });
    expect(geoIp.lookup('8.8.8.8')).toEqual({
      country: 'US',
      region: null,
      city: null,
      latitude: null,
      longitude: null,
      raw: { country_code: 'US' },
    });
    expect(geoIp.lookup('2001:620:0:ff::5c')).toMatchObject({ country: 'CH' });
    expect(geoIp.lookup('130.59.31.80')).toMatchObject({ country: 'CH' });
    expect(geoIp.stats()).toMatchObject({ lookups: 3, calls: 3, failed: 0 });
  });

  it('is read again when the file changes, and kept when the new file is broken', async () => {
    const file = join(folder, 'countries.mmdb');
    await copyFile(packaged('-ipv6'), file);
    const logger = new SilentLogger();
    const geoIp = await open({ database: file }, logger);
    const v4 = () => geoIp.lookup('8.8.8.8') as { country: string } | null;
    const before = v4();

    await writeFile(file, 'half a datab');
    await vi.waitFor(() => expect(logger.lines).toHaveLength(1), { timeout: 15_000, interval: 50 });
    expect(logger.lines[0]).toMatch(/^warn The changed geography database is not used/);
    expect(geoIp.lookup('2001:620:0:ff::5c')).toMatchObject({ country: 'CH' });

    await copyFile(packaged(''), file);
    await utimes(file, new Date(), new Date(Date.now() + 60_000));
    await vi.waitFor(() => expect(v4()).toMatchObject({ country: 'US' }), {
      timeout: 15_000,
      interval: 50,
    });
    expect(before).toBeNull();
  }, 40_000);

  it('stops the start where the file is none', async () => {
    await expect(open({ database: join(folder, 'missing.mmdb') })).rejects.toThrow(
      /option geoIp\.database: '.*missing\.mmdb' cannot be read .* Give the path of an \.mmdb file/,
    );
    await expect(open({ database: packageFile })).rejects.toThrow(/cannot be read as a MaxMind/);
  });
});

describe('a source whose package is not installed', () => {
  it('stops the start with the command that installs it', async () => {
    const name: string = 'a-package-that-is-not-installed';
    const load = import(name).catch(
      missingPackage('TrackUsageModule: option geoIp.database:', 'maxmind'),
    );
    await expect(load).rejects.toThrow(
      /option geoIp\.database: .*Install it with: npm install maxmind$/,
    );
  });
});

describe('geography from a function', () => {
  it('may answer at once or later', async () => {
    const now = await open({ resolve: (ip) => ({ country: 'ch', city: `from ${ip}` }) });
    expect(await now.lookup('8.8.8.8')).toMatchObject({ country: 'CH', city: 'from 8.8.8.8' });
    const later = await open({ resolve: async () => ({ country: 'AT', raw: { id: 7 } }) });
    expect(await later.lookup('8.8.8.8')).toMatchObject({ country: 'AT', raw: { id: 7 } });
    const never = await open({ resolve: () => undefined });
    expect(await never.lookup('8.8.8.8')).toBeNull();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
      'no',
    ],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the fault
    ['rejects with no Error', () => Promise.reject('no'), 'no'],
    ['returns a number', () => 7 as never, 'Expected geography to be an object'],
  ])('harms nothing when it %s', async (_, resolve, error) => {
    const geoIp = await open({ resolve });
    expect(await geoIp.lookup('8.8.8.8')).toBeNull();
    expect(geoIp.stats()).toMatchObject({
      failed: 1,
      lastError: expect.stringContaining(error),
    });
  });
});
