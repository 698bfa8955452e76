import {
  All,
  Controller,
  Get,
  Injectable,
  Module,
  Options,
  Param,
  Post,
  RequestMethod,
  Scope,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
  type INestApplication,
} from '@nestjs/common';
import {
  ContextIdFactory,
  RouterModule,
  type ContextId,
  type HostComponentInfo,
} from '@nestjs/core';
import { SkipTracking, TrackUsage, TrackVar, type TrackVars } from 'nestjs-track-usage';
import { handled, unknownHandler, type Scenario } from '../support/scenario.js';

// --- One application with most of what routes can be ---

@TrackUsage()
@Controller()
class Root {
  @Get() index() {
    return 'root';
  }
  @Get('health') health() {
    return 'well';
  }
}

@TrackUsage()
@Controller(['cats', 'kittens'])
class Cats {
  @Get() all() {
    return [];
  }
  @Get(['by-name/:name', 'by-id/:id']) one(@Param() params: Record<string, string>) {
    return params;
  }
  @Get(':id/toys/:toy') toy(@Param() params: Record<string, string>) {
    return params;
  }
  @Get('span/:from-:to') span(@Param() params: Record<string, string>) {
    return params;
  }
  @Get('files/*') files() {
    return 'files';
  }
  @Get(':__proto__/odd') odd() {
    return 'odd';
  }
  @All('any') any() {
    return 'any method';
  }
  @Options('options') options() {
    return 'GET, OPTIONS';
  }
  @Post('ünïcode/:wörd') unicode() {
    return 'unicode';
  }
}

@TrackUsage()
@Controller('admin/wild')
class NamedWild {
  @Get('opt{/:lang}/end') optional() {
    return 'optional';
  }
  @Get('*rest') rest() {
    return 'rest';
  }
}

@TrackUsage()
@Controller()
class Panel {
  @Get('panel/:page') page(@Param('page') page: string) {
    return page;
  }
}

@Module({ controllers: [Panel] })
class PanelModule {}

@Module({ imports: [PanelModule] })
class AdminModule {}

/** Another class of the same name. */
const OtherCats = (() => {
  @TrackUsage()
  @Controller('other-cats')
  class Cats {
    @Get() all() {
      return ['another'];
    }
  }
  return Cats;
})();

class Animals {
  @Get('inherited/:id') inherited(@Param('id') id: string) {
    return id;
  }
  @Get('overridden') overridden() {
    return 'base';
  }
}

@TrackUsage()
@Controller('dogs')
class Dogs extends Animals {
  @Get('own') own() {
    return 'own';
  }
  @Get('overridden') override overridden() {
    return 'dog';
  }
}

@TrackUsage()
@Controller('birds')
class Birds extends Animals {}

@Controller('wolves')
class Wolves extends Dogs {}

@SkipTracking()
@Controller('ghosts')
class Ghosts extends Dogs {}

export const routes: Scenario = {
  title: 'Routes',
  controllers: (kind) => [
    Root,
    OtherCats,
    Cats,
    Dogs,
    Birds,
    Wolves,
    Ghosts,
    ...(kind === 'express' ? [NamedWild] : []),
  ],
  imports: (capture) => [
    AdminModule,
    ...(capture ? [capture] : []),
    RouterModule.register([
      {
        path: 'admin/:tenant',
        module: AdminModule,
        children: [{ path: 'board', module: PanelModule }],
      },
    ]),
  ],
  prepare: (app) =>
    app.setGlobalPrefix('api', {
      exclude: ['health', { path: 'cats/by-id/:id', method: RequestMethod.GET }],
    }),
  cases: [
    {
      title: 'The root of a global prefix',
      send: 'GET /api',
      record: handled('Root.index', '/api', 200),
    },
    {
      title: 'Excluded from the global prefix',
      send: 'GET /health',
      record: handled('Root.health', '/health', 200),
    },
    {
      title: 'Under the global prefix',
      send: 'GET /api/cats',
      record: handled('Cats.all', '/api/cats', 200),
    },
    {
      title: 'A query, which is no part of the route',
      send: 'GET /api/cats?x=1&y[]=2',
      record: handled('Cats.all', '/api/cats', 200),
    },
    {
      title: 'The second path of a controller',
      send: 'GET /api/kittens',
      record: handled('Cats.all', '/api/kittens', 200),
    },
    {
      title: 'The first path of a handler',
      send: 'GET /api/cats/by-name/Tom',
      record: handled('Cats.one', '/api/cats/by-name/:name', 200, { viewArgs: { name: 'Tom' } }),
    },
    {
      title: 'The second path of a handler, excluded from the prefix',
      send: 'GET /cats/by-id/7',
      record: handled('Cats.one', '/cats/by-id/:id', 200, { viewArgs: { id: '7' } }),
    },
    {
      title: 'Two parameters, decoded',
      send: 'GET /api/cats/T%20o%2Fm/toys/m%C3%A4use',
      record: handled('Cats.toy', '/api/cats/:id/toys/:toy', 200, {
        viewArgs: { id: 'T o/m', toy: 'mäuse' },
      }),
    },
    {
      title: 'Two parameters in one segment',
      send: 'GET /api/cats/span/1-9',
      record: handled('Cats.span', '/api/cats/span/:from-:to', 200, {
        viewArgs: { from: '1', to: '9' },
      }),
    },
    {
      title: 'A wildcard: one string with its slashes',
      send: 'GET /api/cats/files/a/b%20c/d.txt',
      record: handled('Cats.files', '/api/cats/files/*', 200, {
        viewArgs: { path: 'a/b c/d.txt' },
      }),
    },
    {
      title: 'A wildcard that matches nothing',
      send: 'GET /api/cats/files/',
      record: handled('Cats.files', '/api/cats/files/*', 200),
    },
    {
      title: 'A named wildcard',
      only: 'express',
      send: 'GET /api/admin/wild/a/b',
      record: handled('NamedWild.rest', '/api/admin/wild/*rest', 200, {
        viewArgs: { rest: 'a/b' },
      }),
    },
    {
      title: 'An optional part, left out',
      only: 'express',
      send: 'GET /api/admin/wild/opt/end',
      record: handled('NamedWild.optional', '/api/admin/wild/opt{/:lang}/end', 200),
    },
    {
      title: 'An optional part, given',
      only: 'express',
      send: 'GET /api/admin/wild/opt/de/end',
      record: handled('NamedWild.optional', '/api/admin/wild/opt{/:lang}/end', 200, {
        viewArgs: { lang: 'de' },
      }),
    },
    {
      title: 'A parameter named `__proto__`',
      send: 'GET /api/cats/x/odd',
      record: handled('Cats.odd', '/api/cats/:__proto__/odd', 200, {
        viewArgs: JSON.parse('{"__proto__":"x"}'),
      }),
    },
    {
      title: '`@All()`',
      send: 'PATCH /api/cats/any',
      record: handled('Cats.any', '/api/cats/any', 200),
    },
    {
      title: '`@Options()`',
      send: 'OPTIONS /api/cats/options',
      record: handled('Cats.options', '/api/cats/options', 200),
    },
    {
      title: 'A preflight that a handler answers',
      send: 'OPTIONS /api/cats/options',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'GET' },
      record: handled('Cats.options', '/api/cats/options', 200),
    },
    {
      title: 'A preflight that nobody answers',
      send: 'OPTIONS /api/cats',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'GET' },
      record: null,
    },
    {
      title: '`RouterModule`, with a parameter',
      send: 'GET /api/admin/acme/board/panel/7',
      record: handled('Panel.page', '/api/admin/:tenant/board/panel/:page', 200, {
        viewArgs: { tenant: 'acme', page: '7' },
      }),
    },
    {
      title: 'Two controllers of one class name',
      send: 'GET /api/other-cats',
      record: handled('Cats.all', '/api/other-cats', 200),
    },
    {
      title: 'An inherited handler',
      send: 'GET /api/dogs/inherited/7',
      record: handled('Dogs.inherited', '/api/dogs/inherited/:id', 200, { viewArgs: { id: '7' } }),
    },
    {
      title: 'The same inherited handler in another controller',
      send: 'GET /api/birds/inherited/7',
      record: handled('Birds.inherited', '/api/birds/inherited/:id', 200, {
        viewArgs: { id: '7' },
      }),
    },
    {
      title: 'An overridden handler',
      send: 'GET /api/dogs/overridden',
      record: handled('Dogs.overridden', '/api/dogs/overridden', 200),
    },
    {
      title: 'An inherited controller, its decorator too',
      send: 'GET /api/wolves/own',
      record: handled('Wolves.own', '/api/wolves/own', 200),
    },
    {
      title: 'An inherited controller with a decorator of its own',
      send: 'GET /api/ghosts/own',
      record: null,
    },
    {
      title: 'Broken percent signs in a parameter: 400',
      send: 'GET /api/cats/by-name/%E0%A4%A',
      record: unknownHandler(400),
    },
    { title: 'Outside the global prefix', send: 'GET /cats', record: unknownHandler(404) },
    {
      title: 'A target in absolute form',
      send: 'GET http://other.example/api/cats',
      record: handled('Cats.all', '/api/cats', 200, { url: 'http://other.example/api/cats' }),
    },
    {
      title: '`OPTIONS *`',
      send: 'OPTIONS *',
      record: unknownHandler(404, { url: 'http://shop.example/*' }),
    },
  ],
};

// --- Versions ---

@TrackUsage()
@Controller({ path: 'cats', version: '1' })
class CatsOne {
  @Get(':id') one() {
    return 'first version';
  }
  @Version(['2', '3']) @Get(':id') newer() {
    return 'second or third version';
  }
}

@TrackUsage({ blueprint: 'cats-of-today' })
@Controller({ path: 'cats', version: '4' })
class CatsFour {
  @Get(':id') one() {
    return 'fourth version';
  }
}

@TrackUsage()
@Controller({ path: 'any', version: VERSION_NEUTRAL })
class AnyVersion {
  @Get() any() {
    return 'any version';
  }
}

const versioned = (
  title: string,
  enable: (app: INestApplication) => void,
  ask: (version: string) => { send: string; headers?: Record<string, string> },
  route: (version: string) => string,
): Scenario => ({
  title,
  controllers: [CatsOne, CatsFour, AnyVersion],
  prepare: (app) => {
    app.setGlobalPrefix('api');
    enable(app);
  },
  cases: [
    ...(['1', '2', '3', '4', '5'] as const).map((version) => ({
      title: version === '5' ? 'A version that nobody serves' : `Version ${version} of one path`,
      ...ask(version),
      record:
        version === '5'
          ? unknownHandler(404)
          : {
              blueprint: version === '4' ? 'cats-of-today' : 'CatsOne',
              handler: version === '2' || version === '3' ? 'newer' : 'one',
              route: route(version),
              viewArgs: { id: '7' },
              status: 200,
            },
    })),
    {
      title: 'A handler of any version',
      send: 'GET /api/any',
      record: handled('AnyVersion.any', '/api/any', 200),
    },
  ],
});

export const uriVersions = versioned(
  'Versions in the path',
  (app) => app.enableVersioning({ type: VersioningType.URI }),
  (version) => ({ send: `GET /api/v${version}/cats/7` }),
  (version) => `/api/v${version}/cats/:id`,
);
export const headerVersions = versioned(
  'Versions in a header',
  (app) => app.enableVersioning({ type: VersioningType.HEADER, header: 'X-Version' }),
  (version) => ({ send: 'GET /api/cats/7', headers: { 'x-version': version } }),
  () => '/api/cats/:id',
);
export const mediaTypeVersions = versioned(
  'Versions in the media type',
  (app) => app.enableVersioning({ type: VersioningType.MEDIA_TYPE, key: 'v=' }),
  (version) => ({ send: 'GET /api/cats/7', headers: { accept: `application/json;v=${version}` } }),
  () => '/api/cats/:id',
);
export const customVersions = versioned(
  'Versions of another kind',
  (app) =>
    app.enableVersioning({
      type: VersioningType.CUSTOM,
      extractor: (request: any) => (request.headers['x-release'] as string | undefined) ?? '',
    }),
  (version) => ({ send: 'GET /api/cats/7', headers: { 'x-release': version } }),
  () => '/api/cats/:id',
);

// --- Hosts ---

@TrackUsage()
@Controller({ host: ':tenant.shop.example', path: 'home' })
class Tenants {
  @Get() home() {
    return 'a tenant';
  }
}

@TrackUsage()
@Controller({ host: 'admin.example', path: 'panel' })
class AdminHost {
  @Get() panel() {
    return 'the panel';
  }
}

export const hosts: Scenario = {
  title: 'Hosts',
  controllers: [Tenants, AdminHost],
  cases: [
    {
      title: '`@Controller({ host })` with a parameter',
      send: 'GET /home',
      headers: { host: 'acme.shop.example' },
      record: handled('Tenants.home', '/home', 200, { url: 'http://acme.shop.example/home' }),
    },
    {
      title: '`@Controller({ host })`',
      send: 'GET /panel',
      headers: { host: 'admin.example' },
      record: handled('AdminHost.panel', '/panel', 200),
    },
    {
      title: 'The path matches, the host does not',
      send: 'GET /panel',
      headers: { host: 'other.example' },
      record: unknownHandler(404),
    },
  ],
};

// --- Scopes ---

@Injectable({ scope: Scope.REQUEST })
class PerRequest {}

@Injectable({ scope: Scope.REQUEST })
class Unbuildable {
  constructor() {
    throw new Error('cannot be built');
  }
}

@Injectable({ scope: Scope.REQUEST, durable: true })
class PerTenant {}

@TrackUsage()
@Controller({ path: 'scoped', scope: Scope.REQUEST })
class Scoped {
  constructor(readonly perRequest: PerRequest) {}
  @Get(':id') one(@Param('id') id: string, @TrackVar() vars: TrackVars) {
    vars.id = id;
    return id;
  }
}

@TrackUsage()
@Controller('durable')
class Durable {
  constructor(readonly perTenant: PerTenant) {}
  @Get(':id') one(@Param('id') id: string, @TrackVar() vars: TrackVars) {
    vars.id = id;
    return id;
  }
}

@TrackUsage()
@Controller('unbuildable')
class NeverBuilt {
  constructor(readonly unbuildable: Unbuildable) {}
  @Get() index() {
    return 'never';
  }
}

const tenants = new Map<string, ContextId>();

export const scopes: Scenario = {
  title: 'Scopes',
  controllers: [Scoped, Durable, NeverBuilt],
  providers: [PerRequest, PerTenant, Unbuildable],
  prepare: () =>
    ContextIdFactory.apply({
      attach(contextId: ContextId, request: any) {
        const tenant = String(request.headers?.['x-tenant'] ?? 'none');
        if (!tenants.has(tenant)) tenants.set(tenant, ContextIdFactory.create());
        const tenantId = tenants.get(tenant)!;
        return {
          resolve: (info: HostComponentInfo) => (info.isTreeDurable ? tenantId : contextId),
          payload: { tenant },
        };
      },
    }),
  cases: [
    {
      title: 'A request-scoped controller',
      send: 'GET /scoped/7',
      record: handled('Scoped.one', '/scoped/:id', 200, {
        viewArgs: { id: '7' },
        trackVar: { id: '7' },
      }),
    },
    {
      title: 'A durable controller',
      send: 'GET /durable/7',
      headers: { 'x-tenant': 'acme' },
      record: handled('Durable.one', '/durable/:id', 200, {
        viewArgs: { id: '7' },
        trackVar: { id: '7' },
      }),
    },
    {
      title: 'A durable controller, the same tenant again',
      send: 'GET /durable/8',
      headers: { 'x-tenant': 'acme' },
      record: handled('Durable.one', '/durable/:id', 200, {
        viewArgs: { id: '8' },
        trackVar: { id: '8' },
      }),
    },
    {
      title: 'A controller that cannot be built for the request',
      send: 'GET /unbuildable',
      record: unknownHandler(500),
    },
  ],
};
