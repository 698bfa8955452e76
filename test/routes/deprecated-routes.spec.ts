import { All, Controller, Get, HttpException, Res } from '@nestjs/common';
import { DeprecatedRoute, TrackUsage, type DeprecatedCallEvent } from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { onPlatforms } from '../support/applications.js';

const SINCE = new Date('2026-10-01T00:00:00Z');
const SUNSET = new Date('2027-04-01T00:00:00Z');
const LINK = 'https://shop.example/docs/v2';
/** What `@nestjs/swagger` leaves on a handler. */
const ApiOperation =
  (operation: object): MethodDecorator =>
  (_target, _name, { value }) =>
    Reflect.defineMetadata('swagger/apiOperation', operation, value as object);

interface Reply {
  setHeader?(name: string, value: string): void;
  header(name: string, value: string): void;
}
const set = (reply: Reply, name: string, value: string) =>
  reply.setHeader ? reply.setHeader(name, value) : reply.header(name, value);

@TrackUsage()
@DeprecatedRoute({ since: SINCE, sunset: SUNSET, link: LINK })
@Controller('old')
class OldController {
  @Get() all() {
    return 'old';
  }
  @Get('fails') fails() {
    throw new HttpException('no', 418);
  }
  @Get('own') own(@Res({ passthrough: true }) reply: Reply) {
    set(reply, 'Deprecation', '@1');
    set(reply, 'Link', '<https://shop.example>; rel="next"');
    return 'own';
  }
  @DeprecatedRoute() @Get('since-known') sinceKnown() {
    return 'known';
  }
}

@TrackUsage()
@Controller('mixed')
class MixedController {
  @Get() kept() {
    return 'kept';
  }
  @DeprecatedRoute() @All() rest() {
    return 'old';
  }
}

@TrackUsage()
@Controller('new')
class NewController {
  @Get() all() {
    return 'new';
  }
  @ApiOperation({ deprecated: true }) @Get('documented') documented() {
    return 'documented';
  }
  @ApiOperation({ deprecated: false }) @Get('current') current() {
    return 'current';
  }
}

const headersOf = ({ headers }: Response) => [
  headers.get('deprecation'),
  headers.get('sunset'),
  headers.get('link'),
];
const named = (name: string): RequestInit => ({ headers: { 'x-name': name } });
const byName = (request: { headers: Record<string, string> }) => request.headers['x-name'] ?? null;

onPlatforms('A deprecated route ($name)', (start, platform) => {
  it('says so to its callers, and when it ends', async () => {
    const shop = await start({ controllers: [OldController, NewController] });
    const all = [
      `@${SINCE.getTime() / 1000}`,
      SUNSET.toUTCString(),
      `<${LINK}>; rel="deprecation"`,
    ];
    expect(headersOf(await shop.fetch('/old'))).toEqual(all);
    expect(headersOf(await shop.fetch('/old', { method: 'HEAD' }))).toEqual(all);
    const failed = await shop.fetch('/old/fails');
    expect([failed.status, ...headersOf(failed)]).toEqual([418, ...all]);
    for (const path of ['/new', '/new/documented', '/nowhere'])
      expect(headersOf(await shop.fetch(path))).toEqual([null, null, null]);
  });

  it('leaves what the handler says itself, and adds its link to the others', async () => {
    const shop = await start({ controllers: [OldController] });
    expect(headersOf(await shop.fetch('/old/own'))).toEqual([
      '@1',
      SUNSET.toUTCString(),
      `<https://shop.example>; rel="next", <${LINK}>; rel="deprecation"`,
    ]);
  });

  it('without a date says since when a storage knows it', async () => {
    const before = Math.floor(Date.now() / 1000);
    const shop = await start({ controllers: [OldController] });
    await shop.usage.routes();
    const [deprecation, sunset] = headersOf(await shop.fetch('/old/since-known'));
    expect(sunset).toBeNull();
    const seconds = Number(deprecation!.slice(1));
    expect(seconds).toBeGreaterThanOrEqual(before);
    expect(seconds).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it('of @nestjs/swagger is listed, and says so where the option wants it', async () => {
    for (const deprecationHeaders of [false, true]) {
      const shop = await start({ controllers: [NewController], track: { deprecationHeaders } });
      const routes = await shop.usage.routes();
      expect(routes.map(({ handler, deprecated }) => [handler, deprecated])).toEqual([
        ['all', null],
        ['documented', { since: null, sunset: null, link: null }],
        ['current', null],
      ]);
      const [deprecation] = headersOf(await shop.fetch('/new/documented'));
      if (deprecationHeaders) expect(deprecation).toMatch(/^@\d+$/);
      else expect(deprecation).toBeNull();
    }
  });

  it('is told of once a day for each consumer that calls it', async () => {
    const shop = await start({
      controllers: [OldController, NewController],
      track: { consumer: byName },
    });
    const events: DeprecatedCallEvent[] = [];
    shop.usage.deprecated$.subscribe((event) => events.push(event));
    for (const path of ['/old', '/old', '/new', '/old/fails'])
      for (const name of ['ada', 'bob']) await shop.fetch(path, named(name));
    await shop.fetch('/old');
    await shop.fetch('/old', { ...named('cyd'), method: 'HEAD' });
    await shop.usage.flush();
    expect(events.map(({ route, consumer }) => [route, consumer])).toEqual([
      ['GET /old', 'ada'],
      ['GET /old', 'bob'],
      ['GET /old/fails', 'ada'],
      ['GET /old/fails', 'bob'],
      ['GET /old', null],
    ]);
    expect(events[0]!.deprecated).toEqual({ since: SINCE, sunset: SUNSET, link: LINK });
    expect(events[0]!.record.path).toBe('/old');
  });

  // Fastify refuses the two.
  it.skipIf(platform.name === 'Fastify')('is told from another of its path', async () => {
    const shop = await start({ controllers: [MixedController] });
    const told: string[] = [];
    shop.usage.deprecated$.subscribe(({ route }) => told.push(route));
    await shop.fetch('/mixed');
    await shop.fetch('/mixed', { method: 'POST' });
    await shop.usage.flush();
    expect(told).toEqual(['POST /mixed']);
    expect(await shop.usage.countUsage({ where: { deprecated: true } })).toBe(1);
  });
});

describe('@DeprecatedRoute()', () => {
  it.each([
    [{ sinse: SINCE }, /options since, sunset, link alone/],
    [{ since: '2026-10-01' }, /\{ since \}.*expected a valid Date.*'2026-10-01'/],
    [{ sunset: new Date('never') }, /\{ sunset \}.*expected a valid Date/],
    [{ since: SUNSET, sunset: SINCE }, /\{ sunset \}.*from since on/],
    [{ link: 'a page' }, /\{ link \}.*percent-encoded/],
    [{ link: 'https://x.example/>, <https://y.example' }, /\{ link \}/],
    ['since', /expected options/],
  ])('refuses %o', (options, message) => {
    expect(() => {
      @DeprecatedRoute(options as never)
      class Refused {}
      return Refused;
    }).toThrow(message);
  });

  it('refuses to stand without parentheses', () => {
    expect(() => {
      @(DeprecatedRoute as unknown as ClassDecorator)
      class Bare {}
      return Bare;
    }).toThrow(/without parentheses/);
  });
});
