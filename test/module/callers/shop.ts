import { createRequire } from 'node:module';
import {
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  Req,
  UseGuards,
  UseInterceptors,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import {
  TrackUsage,
  type TrackUsageModuleOptions,
  type UsageRecord,
  type UsageService,
} from 'nestjs-track-usage';
import { of } from 'rxjs';
import { openApp, type TestApp } from '../../support/applications.js';
import type { TestPlatform } from '../../support/platforms.js';

/** The keys that the application has given out. */
export const KEYS = {
  long: 'acme-0123456789abcdef',
  short: 'acme-key',
  other: 'globex-fedcba9876543210',
} as const;

const known = new Set<unknown>(Object.values(KEYS));

interface ShopRequest {
  readonly headers: Record<string, string | undefined>;
  readonly query: Record<string, unknown>;
  user?: unknown;
}

const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<ShopRequest>();

/** Lets only known keys pass. */
@Injectable()
class KeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers, query } = requestOf(context);
    const bearer = /^bearer (.*)$/i.exec(headers['authorization'] ?? '')?.[1];
    return known.has(headers['x-api-key'] ?? bearer ?? query['client-key']);
  }
}

/** Verifies the user; a test's word for it is enough. */
@Injectable()
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = requestOf(context);
    const user = request.headers['x-test-user'];
    if (user !== undefined) request.user = JSON.parse(user) as unknown;
    return true;
  }
}

@Injectable()
class NobodyGuard implements CanActivate {
  canActivate(): boolean {
    throw new ForbiddenException();
  }
}

// It has no types of its own.
const passport = createRequire(import.meta.url)('passport') as {
  use(name: string, strategy: object): void;
  authenticate(
    name: string,
    options: object,
    done: (error: unknown, user: unknown) => void,
  ): (request: object, response: object, next: (error?: unknown) => void) => void;
  Strategy: new () => object;
};

class BearerStrategy extends passport.Strategy {
  declare success: (user: object) => void;
  declare fail: (challenge: string) => void;

  authenticate(request: ShopRequest): void {
    if (request.headers['authorization'] === 'Bearer of-zoe')
      this.success({ id: 7, username: 'zoe', email: 'zoe@shop.example', tenant: 'acme' });
    else this.fail('Bearer');
  }
}
passport.use('bearer', new BearerStrategy());

/** What `AuthGuard('bearer')` of `@nestjs/passport` does. */
@Injectable()
class PassportGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = requestOf(context);
    const response = context.switchToHttp().getResponse<object>();
    request.user = await new Promise((resolve, reject) => {
      passport.authenticate('bearer', { session: false }, (error, user) => {
        if (error) reject(new Error('passport', { cause: error }));
        else resolve(user);
      })(request, response, (error) => reject(new Error('passport', { cause: error })));
    });
    return Boolean(request.user);
  }
}

@TrackUsage()
@Controller()
class ShopController {
  @Get('open') open() {
    return 'open';
  }
  @UseGuards(KeyGuard) @Get('keyed') keyed() {
    return 'keyed';
  }
  @UseGuards(KeyGuard) @Get('keyed/forbidden') forbidden() {
    throw new ForbiddenException('The handler says no.');
  }
  @UseGuards(KeyGuard) @Get('keyed/broken') broken() {
    throw new Error('broken');
  }
  @UseGuards(KeyGuard, NobodyGuard) @Get('keyed/refused') refusedLater() {
    return 'never';
  }
  @UseGuards(KeyGuard)
  @UseInterceptors({ intercept: () => of('cached') })
  @Get('keyed/cached')
  cached() {
    return 'never';
  }
  @UseGuards(UserGuard) @Get('user') user() {
    return 'user';
  }
  @UseGuards(UserGuard, NobodyGuard) @Get('user/refused') refused() {
    return 'never';
  }
  @UseGuards(PassportGuard) @Get('passport') passport() {
    return 'passport';
  }
  @UseGuards(PassportGuard, NobodyGuard) @Get('passport/refused') passportRefused() {
    return 'never';
  }
  @UseGuards(UserGuard) @Get('handler') inHandler(@Req() request: ShopRequest) {
    request.user = { username: 'by-handler' };
    return 'handler';
  }
}

/** A running shop and what it has recorded. */
export class Shop {
  private constructor(private readonly running: TestApp) {}

  static async start(
    platform: TestPlatform,
    options: TrackUsageModuleOptions,
    configure?: (app: INestApplication) => void,
  ): Promise<Shop> {
    const track = { mode: 'include', ...options } as const;
    return new Shop(await openApp(platform, { track, controllers: [ShopController], configure }));
  }

  get url(): string {
    return this.running.url;
  }

  get usage(): UsageService {
    return this.running.usage;
  }

  get storageName(): string {
    return Object.keys(this.usage.stats().storages)[0]!;
  }

  /** Sends one request. Returns its record. */
  async ask(path: string, headers: Record<string, string> = {}): Promise<UsageRecord> {
    await this.running.fetch(path, { headers });
    await this.usage.flush();
    const [record] = await this.usage.getUsage({ limit: 1 });
    return record!;
  }

  async close(): Promise<void> {
    await this.running.close();
  }
}

/** The headers of a request of a user whom `UserGuard` verifies. */
export function asUser(user: unknown): Record<string, string> {
  return { 'x-test-user': JSON.stringify(user) };
}

/** The header of a Basic user, whom nobody verifies. */
export function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
