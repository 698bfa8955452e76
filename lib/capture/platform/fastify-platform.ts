import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientView, RequestTrace } from '../request-trace.js';
import type { Platform, RequestListener } from './platform.js';

/** As much of Fastify's request as is read here. */
interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions?: { readonly url?: unknown };
  readonly ip?: string;
  readonly protocol?: string;
  readonly host?: string;
}

interface FastifyInstance {
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequest, reply: { raw: ServerResponse }, done: () => void) => void,
  ): void;
}

export class FastifyPlatform implements Platform {
  /** Says what Fastify believes of a client, by its `trustProxy`. */
  private requestPrototype: object | null = null;

  listen(adapter: HttpServer, listener: RequestListener): void {
    const instance = adapter.getInstance() as FastifyInstance;
    this.requestPrototype = findRequestPrototype(instance);
    instance.addHook('onRequest', (request, reply, done) => {
      this.requestPrototype ??= Object.getPrototypeOf(request) as object;
      listener(request.raw, reply.raw, request);
      done();
    });
  }

  pattern(request: FastifyRequest): unknown {
    return request.routeOptions?.url;
  }

  requestOf({ request, raw }: RequestTrace): object {
    if (request !== null || this.requestPrototype === null) return request ?? raw;
    // Middleware or an earlier hook has answered: Fastify's request never came by.
    const own: FastifyRequest = { raw };
    return Object.setPrototypeOf(own, this.requestPrototype) as object;
  }

  clientOf(trace: RequestTrace): ClientView | null {
    const { ip, protocol, host } = this.requestOf(trace) as FastifyRequest;
    return { address: ip, protocol: protocol ?? '', host };
  }
}

/** Not public, so it may be missing; the first request to come by shows it too. */
function findRequestPrototype(instance: object): object | null {
  const symbol = Object.getOwnPropertySymbols(instance).find(
    ({ description }) => description === 'fastify.Request',
  );
  const type = symbol && (instance as Record<symbol, { prototype?: object } | undefined>)[symbol];
  return type?.prototype ?? null;
}
