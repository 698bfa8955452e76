import {
  Controller,
  Get,
  Injectable,
  Module,
  Param,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type MiddlewareConsumer,
  type NestInterceptor,
  type NestModule,
  type PipeTransform,
} from '@nestjs/common';
import { Inject, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  MemoryStorage,
  trackVars,
  TrackUsage,
  TrackUsageModule,
  TrackVar,
  UsageService,
  type TrackUsageModuleOptions,
  type TrackVars,
} from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { platforms, startApp, type TestPlatform } from '../../support/platforms.js';

const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<object>();

@Injectable()
class Guard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    trackVars(requestOf(context)).guard = true;
    return true;
  }
}

@Injectable()
class Refusing implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    trackVars(requestOf(context)).refusedBy = 'guard';
    return false;
  }
}

@Injectable()
class Interceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    trackVars(requestOf(context)).interceptor = true;
    return next.handle();
  }
}

@Injectable({ scope: Scope.REQUEST })
class Pipe implements PipeTransform {
  constructor(@Inject(REQUEST) private readonly request: object) {}

  transform(value: unknown): unknown {
    trackVars(this.request).pipe = true;
    return value;
  }
}

@TrackUsage()
@Controller('vars')
class VarsController {
  @UseGuards(Guard)
  @UseInterceptors(Interceptor)
  @UsePipes(Pipe)
  @Get('all/:id')
  all(@Param('id') id: string, @TrackVar() vars: TrackVars) {
    vars.handler = id;
    return Object.keys(vars).sort();
  }
  @UseGuards(Refusing) @Get('refused') refused() {
    return 'never';
  }
}

async function withApp(
  platform: TestPlatform,
  options: TrackUsageModuleOptions,
  use: (ask: (path: string) => Promise<{ body: string; trackVar: unknown }>) => Promise<void>,
): Promise<void> {
  @Module({
    imports: [TrackUsageModule.forRoot({ storages: [new MemoryStorage()], ...options })],
    controllers: [VarsController],
  })
  class AppModule implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer
        .apply((request: object, _response: unknown, next: () => void) => {
          trackVars(request).middleware = true;
          next();
        })
        .forRoutes(VarsController);
    }
  }
  const { app, url } = await startApp(AppModule, platform);
  await use(async (path) => {
    const body = await (await fetch(url + path)).text();
    const usage = app.get(UsageService);
    await usage.flush();
    const [record] = await usage.getUsage({ limit: 1 });
    return { body, trackVar: record!.trackVar };
  });
  await app.close();
}

describe.each(platforms)('trackVars() on $name', (platform) => {
  it('is one object for middleware, guards, interceptors, pipes and the handler', async () => {
    await withApp(platform, {}, async (ask) => {
      const { body, trackVar } = await ask('/vars/all/7');
      expect(body).toBe('["guard","handler","interceptor","middleware","pipe"]');
      expect(trackVar).toEqual({
        middleware: true,
        guard: true,
        interceptor: true,
        pipe: true,
        handler: '7',
      });
    });
  });

  it('is recorded where a guard refuses the request', async () => {
    await withApp(platform, {}, async (ask) => {
      expect((await ask('/vars/refused')).trackVar).toEqual({
        middleware: true,
        refusedBy: 'guard',
      });
    });
  });

  it('takes priority over the option trackVar, which it joins', async () => {
    const trackVar = (request: { url: string }) => ({
      at: request.url,
      middleware: 'of the option',
      token: 'secret',
      big: 7n,
      ['__proto__']: { polluted: true },
    });
    await withApp(platform, { trackVar }, async (ask) => {
      expect((await ask('/vars/refused')).trackVar).toEqual({
        at: '/vars/refused',
        middleware: true,
        refusedBy: 'guard',
        token: '[redacted]',
        big: '7',
        ['__proto__']: { polluted: true },
      });
    });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['null', () => null],
    ['text', () => 'text'],
    ['an array', () => [1]],
    ['a promise', () => Promise.reject(new Error('later'))],
    [
      'an error',
      () => {
        throw new Error('on purpose');
      },
    ],
  ])('stays as it is where the option trackVar gives %s', async (_, trackVar) => {
    await withApp(platform, { trackVar: trackVar as () => object }, async (ask) => {
      expect((await ask('/vars/refused')).trackVar).toEqual({
        middleware: true,
        refusedBy: 'guard',
      });
    });
  });
});

describe('trackVars()', () => {
  it.each([undefined, null, 'request', 7])('refuses %s', (request) => {
    expect(() => trackVars(request as never)).toThrow(TypeError);
  });
});
