import {
  BadRequestException,
  Body,
  Catch,
  ConflictException,
  Controller,
  Get,
  HttpException,
  Injectable,
  Module,
  Param,
  ParseIntPipe,
  Post,
  Scope,
  UnauthorizedException,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { map, throwError } from 'rxjs';
import { SkipTracking, TrackUsage } from 'nestjs-track-usage';
import { handled, type Scenario } from '../support/scenario.js';

/** A guard that refuses who asks for it in a header, with the status that it is given. */
function guardCalled(name: string, status: number): CanActivate {
  return {
    canActivate(context: ExecutionContext) {
      const { headers } = context.switchToHttp().getRequest();
      if (headers['x-refuse'] === name) throw new HttpException(`refused by ${name}`, status);
      return true;
    },
  };
}

@Injectable({ scope: Scope.REQUEST })
class RequestScopedGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    return context.switchToHttp().getRequest().headers['x-refuse'] !== 'request-scoped';
  }
}

@Module({ providers: [{ provide: APP_GUARD, useValue: guardCalled('module-before', 401) }] })
class GuardedBefore {}

@Module({
  providers: [
    { provide: APP_GUARD, useValue: guardCalled('module-after', 418) },
    { provide: APP_GUARD, useClass: RequestScopedGuard },
  ],
})
class GuardedAfter {}

class FailingInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const where = context.switchToHttp().getRequest().headers['x-throw'];
    if (where === 'before') throw new ConflictException('before the handler');
    if (where === 'stream') return throwError(() => new ConflictException('as a stream'));
    return next.handle().pipe(
      map((value: unknown) => {
        if (where === 'after') throw new ConflictException('after the handler');
        return value;
      }),
    );
  }
}

class Overdrawn extends Error {}
class OutOfStock extends Error {}
class ByHand extends Error {}

@Catch(OutOfStock)
class MethodFilter implements ExceptionFilter {
  catch(_error: OutOfStock, host: ArgumentsHost) {
    host.switchToHttp().getResponse().status(410).send({ gone: true });
  }
}

@Catch(Overdrawn)
class GlobalFilter implements ExceptionFilter {
  catch(_error: Overdrawn, host: ArgumentsHost) {
    host.switchToHttp().getResponse().status(402).send('pay first');
  }
}

@Catch(ByHand)
class ByHandFilter implements ExceptionFilter {
  catch(_error: ByHand, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse();
    const raw = response.raw ?? response;
    raw.writeHead(451, { 'content-type': 'text/plain' });
    raw.write('not ');
    raw.end('here');
  }
}

@TrackUsage()
@UseGuards(guardCalled('controller', 403))
@UseInterceptors(FailingInterceptor)
@Controller('refusals')
class Refusals {
  @Get('open') open() {
    return 'come in';
  }
  @UseGuards({
    canActivate: () => {
      throw new UnauthorizedException();
    },
  })
  @Get('method')
  method() {}
  @UseGuards({ canActivate: () => Promise.resolve(false) }) @Get('false') saysFalse() {}
  @Get('number/:id') number(@Param('id', ParseIntPipe) id: number) {
    return { id };
  }
  @Post('body')
  body(@Body({ transform: () => Promise.reject(new BadRequestException('no')) }) _body: unknown) {}
  @Get('sync') sync() {
    throw new ConflictException('at once');
  }
  @Get('async') async later() {
    await Promise.resolve();
    throw new ConflictException('later');
  }
  @Get('error') error() {
    throw new Error('nobody catches this');
  }
  @Get('string') string() {
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw 'not even an error';
  }
  @UseFilters(MethodFilter) @Get('method-filter') methodFilter() {
    throw new OutOfStock();
  }
  @Get('global-filter') globalFilter() {
    throw new Overdrawn();
  }
  @UseFilters(ByHandFilter) @Get('by-hand') byHand() {
    throw new ByHand();
  }
  @SkipTracking() @UseGuards(guardCalled('skipped', 403)) @Get('skipped') skipped() {
    return 'untracked';
  }
}

const open = (status: number) => handled('Refusals.open', '/refusals/open', status);
const refusedBy = (name: string) => ({ 'x-refuse': name });

export const refusals: Scenario = {
  title: 'Refusals and errors',
  controllers: [Refusals],
  providers: [
    { provide: APP_GUARD, useValue: guardCalled('root', 403) },
    { provide: APP_FILTER, useClass: GlobalFilter },
  ],
  imports: (capture) => [GuardedBefore, ...(capture ? [capture] : []), GuardedAfter],
  prepare: (app) => app.useGlobalGuards(guardCalled('use-global', 429)),
  cases: [
    { title: 'Nobody refuses', send: 'GET /refusals/open', record: open(200) },
    {
      title: 'A guard of the controller: 403',
      send: 'GET /refusals/open',
      headers: refusedBy('controller'),
      record: open(403),
    },
    {
      title: 'A guard of the method: 401',
      send: 'GET /refusals/method',
      record: handled('Refusals.method', '/refusals/method', 401),
    },
    {
      title: 'A guard that says false',
      send: 'GET /refusals/false',
      record: handled('Refusals.saysFalse', '/refusals/false', 403),
    },
    {
      title: "A global guard of the application's root module: 403",
      send: 'GET /refusals/open',
      headers: refusedBy('root'),
      record: open(403),
    },
    {
      title: 'A global guard of a module imported before: 401',
      send: 'GET /refusals/open',
      headers: refusedBy('module-before'),
      record: open(401),
    },
    {
      title: 'A global guard of a module imported after: 418',
      send: 'GET /refusals/open',
      headers: refusedBy('module-after'),
      record: open(418),
    },
    {
      title: 'A global guard that is request-scoped',
      send: 'GET /refusals/open',
      headers: refusedBy('request-scoped'),
      record: open(403),
    },
    {
      title: '`useGlobalGuards()`: 429',
      send: 'GET /refusals/open',
      headers: refusedBy('use-global'),
      record: open(429),
    },
    {
      title: 'A guard refuses what is not tracked',
      send: 'GET /refusals/skipped',
      headers: refusedBy('skipped'),
      record: null,
    },
    { title: 'What is not tracked', send: 'GET /refusals/skipped', record: null },
    {
      title: 'A pipe of a parameter: 400',
      send: 'GET /refusals/number/tom',
      record: handled('Refusals.number', '/refusals/number/:id', 400, { viewArgs: { id: 'tom' } }),
    },
    {
      title: 'A pipe lets through',
      send: 'GET /refusals/number/7',
      record: handled('Refusals.number', '/refusals/number/:id', 200, { viewArgs: { id: '7' } }),
    },
    {
      title: 'A pipe of the body: 400',
      send: 'POST /refusals/body',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      record: handled('Refusals.body', '/refusals/body', 400),
    },
    {
      title: 'An interceptor of the application throws before the handler',
      send: 'GET /refusals/open',
      headers: { 'x-throw': 'before' },
      record: open(409),
    },
    {
      title: 'An interceptor of the application answers with an error',
      send: 'GET /refusals/open',
      headers: { 'x-throw': 'stream' },
      record: open(409),
    },
    {
      title: 'An interceptor of the application throws after the handler',
      send: 'GET /refusals/open',
      headers: { 'x-throw': 'after' },
      record: open(409),
    },
    {
      title: 'The handler throws at once',
      send: 'GET /refusals/sync',
      record: handled('Refusals.sync', '/refusals/sync', 409),
    },
    {
      title: 'The handler throws later',
      send: 'GET /refusals/async',
      record: handled('Refusals.later', '/refusals/async', 409),
    },
    {
      title: 'An error with no filter: 500',
      send: 'GET /refusals/error',
      record: handled('Refusals.error', '/refusals/error', 500),
    },
    {
      title: 'A string is thrown: 500',
      send: 'GET /refusals/string',
      record: handled('Refusals.string', '/refusals/string', 500),
    },
    {
      title: 'A filter of the method rewrites the status',
      send: 'GET /refusals/method-filter',
      record: handled('Refusals.methodFilter', '/refusals/method-filter', 410),
    },
    {
      title: 'A global filter rewrites the status',
      send: 'GET /refusals/global-filter',
      record: handled('Refusals.globalFilter', '/refusals/global-filter', 402),
    },
    {
      title: 'A filter answers by hand',
      send: 'GET /refusals/by-hand',
      record: handled('Refusals.byHand', '/refusals/by-hand', 451, { contentLength: 8 }),
    },
  ],
};
