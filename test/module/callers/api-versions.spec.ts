import {
  Controller,
  Get,
  VERSION_NEUTRAL,
  Version,
  VersioningType,
  type VersioningOptions,
} from '@nestjs/common';
import { TrackUsage } from 'nestjs-track-usage';
import { expect, it } from 'vitest';
import { onPlatforms } from '../../support/applications.js';

@TrackUsage()
@Controller({ path: 'cats', version: ['2', '3'] })
class CatsController {
  @Version('1') @Get() one() {
    return 'one';
  }
  @Get() newer() {
    return 'newer';
  }
  @Version(VERSION_NEUTRAL) @Get('neutral') neutral() {
    return 'neutral';
  }
  @Version(['2024-11', VERSION_NEUTRAL]) @Get('dated') dated() {
    return 'dated';
  }
}

@TrackUsage()
@Controller('dogs')
class DogsController {
  @Get() all() {
    return 'all';
  }
}

@TrackUsage()
@Controller({ path: 'birds', version: '1' })
class BirdsController {
  @Get() all() {
    return 'birds';
  }
}

type Ask = (version: string | null, path: string) => [path: string, headers: object];

const inHeader =
  (name: string, value: (version: string) => string): Ask =>
  (version, path) => [`/api/v1/${path}`, version === null ? {} : { [name]: value(version) }];

const kinds: readonly [title: string, options: VersioningOptions, ask: Ask][] = [
  [
    'in the path',
    { type: VersioningType.URI, defaultVersion: '7' },
    (version, path) => [`/api/v1/${version === null ? '' : `v${version}/`}${path}`, {}],
  ],
  [
    'in the path, without a prefix',
    { type: VersioningType.URI, prefix: false, defaultVersion: '7' },
    (version, path) => [`/api/v1/${version === null ? '' : `${version}/`}${path}`, {}],
  ],
  [
    'in a header',
    { type: VersioningType.HEADER, header: 'X-Version', defaultVersion: '7' },
    inHeader('x-version', (version) => version),
  ],
  [
    'in the media type',
    { type: VersioningType.MEDIA_TYPE, key: 'v=', defaultVersion: '7' },
    inHeader('accept', (version) => `text/html, application/json;q=1;v=${version}`),
  ],
  [
    'of a kind of its own',
    {
      type: VersioningType.CUSTOM,
      defaultVersion: '7',
      // Versions that nobody serves stand before the one that somebody does.
      extractor: (request) => {
        const { headers } = request as { headers: Record<string, string | undefined> };
        return headers['x-newest'] === undefined ? '' : ['9', headers['x-newest'], '0'];
      },
    },
    inHeader('x-newest', (version) => version),
  ],
];

const isCustom = ({ type }: VersioningOptions) => type === VersioningType.CUSTOM;

onPlatforms('the version of the API on $name', (startApp) => {
  it.each(kinds)('%s is the one that answered, as declared', async (_, options, ask) => {
    const app = await start(options);
    expect(await app.ask(ask('1', 'cats'))).toEqual(['one', '1']);
    expect(await app.ask(ask('2', 'cats'))).toEqual(['newer', '2']);
    expect(await app.ask(ask('3', 'cats'))).toEqual(['newer', '3']);
    expect(await app.ask(ask('2024-11', 'cats/dated'))).toEqual(['dated', '2024-11']);
    expect(await app.ask(ask('7', 'dogs'))).toEqual(['all', '7']);
    // A request that asks for a version that nobody serves reaches nobody.
    expect((await app.ask(ask('4', 'cats')))[1]).toBeNull();
    // Custom versions on Nest's adapters do not serve requests without a version.
    if (!isCustom(options)) {
      expect(await app.ask(ask(null, 'cats/neutral'))).toEqual(['neutral', null]);
      expect(await app.ask(ask(null, 'cats/dated'))).toEqual(['dated', null]);
    }
  });

  it('is read by an extractor from the request that Nest gives it', async () => {
    const app = await start({
      type: VersioningType.CUSTOM,
      extractor: (request) => {
        // Frameworks' own requests do not have it.
        const { rawHeaders } = request as { rawHeaders: string[] };
        return rawHeaders[rawHeaders.findIndex((name) => /^x-newest$/i.test(name)) + 1]!;
      },
    });
    expect(await app.ask(['/api/v1/cats', { 'x-newest': '3' }])).toEqual(['newer', '3']);
  });

  it('is null where the extractor throws when it is asked again, and all else is recorded', async () => {
    let calls = 0;
    const app = await start({
      type: VersioningType.CUSTOM,
      extractor: (request) => {
        const { headers } = request as { headers: Record<string, string> };
        if (headers['x-once'] && calls++ > 0) throw new Error('on purpose');
        return headers['x-newest'] ?? '';
      },
    });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';
    const once = { 'x-newest': '2024-11', 'x-once': 'yes', traceparent };
    // Only one route has this path, for which Nest asks once.
    expect(await app.ask(['/api/v1/cats/dated', once])).toEqual(['dated', null]);
    expect(await app.last()).toMatchObject({
      route: '/api/v1/cats/dated',
      handler: 'dated',
      status: 200,
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
  });

  it('is null without versioning, whatever is declared', async () => {
    const app = await start(null);
    expect(await app.ask(['/api/v1/birds', {}])).toEqual(['birds', null]);
    expect(await app.ask(['/api/v1/dogs', {}])).toEqual(['all', null]);
  });

  async function start(options: VersioningOptions | null) {
    const { fetch, records } = await startApp({
      track: { mode: 'include' },
      // Without versions, the routes of cats are one on Fastify.
      controllers: [BirdsController, DogsController, ...(options ? [CatsController] : [])],
      configure: (app) => {
        app.setGlobalPrefix('api/v1');
        if (options) app.enableVersioning(options);
      },
    });
    return {
      last: async () => (await records()).at(-1)!,
      async ask([path, headers]: [string, object]): Promise<[string, string | null]> {
        const response = await fetch(path, { headers: headers as Record<string, string> });
        return [await response.text(), (await records()).at(-1)!.apiVersion];
      },
    };
  }
});
