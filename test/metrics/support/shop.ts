import {
  Controller,
  ForbiddenException,
  Get,
  Head,
  HttpCode,
  Injectable,
  Module,
  Param,
  Post,
  StreamableFile,
  UseGuards,
  type CanActivate,
  type DynamicModule,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import {
  MemoryStorage,
  SkipTracking,
  TrackUsageModule,
  UsageService,
  type TrackUsageModuleOptions,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { once } from 'node:events';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import type { Registry } from 'prom-client';

@Injectable()
class MembersOnly implements CanActivate {
  canActivate(): boolean {
    throw new ForbiddenException();
  }
}

@Controller('cats')
class Cats {
  @Get(':id') one(@Param('id') id: string) {
    return { id };
  }
  @Head('head/only') head() {}
  @Post() @HttpCode(204) add() {}
  @UseGuards(MembersOnly) @Get('members/:id') members() {}
  @Get('fails/now') fails() {
    throw new Error('as it should');
  }
  @Get('stream/whole') stream() {
    return new StreamableFile(Readable.from([Buffer.alloc(70_000), Buffer.alloc(70_000)]));
  }
  /** Sends its first bytes, and then nothing until the client leaves. */
  @Get('stream/endless') endless() {
    const stream = new Readable({ read() {} });
    stream.push(Buffer.alloc(2000));
    return new StreamableFile(stream);
  }
  /** Answers slowly enough for the second bucket. */
  @Get('slow/:ms') async slow(@Param('ms') ms: string) {
    await new Promise((resolve) => setTimeout(resolve, Number(ms)));
    return 'done';
  }
}

/** A shop that tracks every route in memory and in further storages. */
export function shopModule(
  storages: readonly UsageStorage[],
  {
    registry,
    imports = [],
    ...options
  }: Partial<TrackUsageModuleOptions> & {
    registry?: Registry<any>;
    imports?: (Type | DynamicModule)[];
  } = {},
): Type {
  @SkipTracking()
  @Controller('metrics')
  class Metrics {
    @Get() all() {
      return registry?.metrics();
    }
  }

  @Module({
    imports: [
      ...imports,
      TrackUsageModule.forRoot({
        mode: 'include',
        storages: [new MemoryStorage(), ...storages],
        flushInterval: 20,
        ...options,
      }),
    ],
    controllers: registry ? [Metrics, Cats] : [Cats],
  })
  class Shop {}
  return Shop;
}

/** The records of one round of `sendTraffic`. */
export const RECORDS_OF_A_ROUND = 17;

/** Sends requests of every kind, one after the other. */
export async function sendTraffic(url: string): Promise<void> {
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init);
    await response.arrayBuffer();
  };
  for (const id of [1, 2, 3, 4]) await ask(`/cats/${id}`);
  await ask('/cats/slow/7');
  await ask('/cats/slow/30');
  await ask('/cats/slow/130');
  await ask('/cats', { method: 'POST' });
  await ask('/cats/head/only', { method: 'HEAD' });
  await ask('/cats/members/1');
  await ask('/cats/fails/now');
  await ask('/cats/stream/whole');
  for (const path of ['/nothing', '/nothing/else']) await ask(path);
  await ask('/cats', { method: 'PURGE' });
  for (const path of ['/cats/stream/endless', '/cats/stream/endless']) await leave(url + path);
}

/** Leaves when the first bytes of the answer have come. */
async function leave(url: string): Promise<void> {
  const sent = request(url).end();
  sent.on('error', () => {});
  const [response] = await once(sent, 'response');
  response.on('error', () => {});
  await once(response, 'data');
  sent.destroy();
  await once(sent, 'close');
}

/** All records, as soon as there are so many. */
export async function recordsOf(app: INestApplication, count: number): Promise<UsageRecord[]> {
  const usage = app.get(UsageService);
  for (;;) {
    await usage.flush();
    const records = await usage.getUsage({ limit: 10_000 });
    if (records.length >= count) return records;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
