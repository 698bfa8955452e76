import {
  Injectable,
  Module,
  type CallHandler,
  type DynamicModule,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { join } from 'node:path';
import { tap } from 'rxjs';
import { Column, Entity, Index, PrimaryGeneratedColumn, Repository } from 'typeorm';
import type { Variant } from '../variant.js';

@Entity('requests')
class RequestEntity {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Index() @Column() date!: Date;
  @Column() url!: string;
  @Column() method!: string;
  @Column() status!: number;
  @Column('real') speed!: number;
  @Column('varchar', { nullable: true }) route!: string | null;
  @Column() controller!: string;
  @Column() handler!: string;
  @Column('simple-json') params!: unknown;
  @Column('simple-json') query!: unknown;
  @Column('varchar', { nullable: true }) ip!: string | null;
  @Column('varchar', { nullable: true }) userAgent!: string | null;
  @Column('varchar', { nullable: true }) referrer!: string | null;
}

interface Request {
  readonly url: string;
  readonly method: string;
  readonly params: unknown;
  readonly query: unknown;
  readonly ip?: string;
  readonly headers: Record<string, string | undefined>;
  readonly route?: { path: string };
  readonly routeOptions?: { url: string };
}

let failed = 0;
let pending = 0;
let whenSaved = () => {};

@Injectable()
class SaveInterceptor implements NestInterceptor {
  constructor(
    @InjectRepository(RequestEntity) private readonly requests: Repository<RequestEntity>,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler) {
    const date = new Date();
    const start = performance.now();
    return next.handle().pipe(tap(() => this.save(context, date, performance.now() - start)));
  }

  private save(context: ExecutionContext, date: Date, duration: number): void {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    pending++;
    this.requests
      .save({
        date,
        url: request.url,
        method: request.method,
        status: http.getResponse<{ statusCode: number }>().statusCode,
        speed: duration / 1000,
        route: request.route?.path ?? request.routeOptions?.url ?? null,
        controller: context.getClass().name,
        handler: context.getHandler().name,
        params: request.params,
        query: request.query,
        ip: request.ip ?? null,
        userAgent: request.headers['user-agent'] ?? null,
        referrer: request.headers['referer'] ?? null,
      })
      .catch(() => failed++)
      .finally(() => {
        if (--pending === 0) whenSaved();
      });
  }
}

@Module({
  imports: [TypeOrmModule.forFeature([RequestEntity])],
  providers: [{ provide: APP_INTERCEPTOR, useClass: SaveInterceptor }],
})
class SaveModule {}

export const variant: Variant = {
  title: 'repository.save in an interceptor',
  keeps: 'records of 14 columns, in SQLite',
  modules: (scratch): DynamicModule[] => [
    TypeOrmModule.forRoot({
      type: 'better-sqlite3',
      database: join(scratch, 'requests.sqlite'),
      entities: [RequestEntity],
      synchronize: true,
      // As durable as SqlStorage, and not slower for it.
      prepareDatabase: (connection: { pragma(source: string): unknown }) => {
        connection.pragma('journal_mode = WAL');
        connection.pragma('synchronous = NORMAL');
      },
    }),
    { module: SaveModule },
  ],
  async settle() {
    if (pending > 0) await new Promise<void>((resolve) => (whenSaved = resolve));
  },
  async check(app, sent) {
    const total = sent.reduce((sum, count) => sum + count, 0);
    const { getRepositoryToken } = await import('@nestjs/typeorm');
    const stored = await app
      .get<Repository<RequestEntity>>(getRepositoryToken(RequestEntity), { strict: false })
      .count();
    return stored === total ? [] : [`of ${total} requests ${stored} were stored, ${failed} failed`];
  },
};
