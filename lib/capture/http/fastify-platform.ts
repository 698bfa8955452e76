import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { socketOf, type ClientView } from './client-view.js';
import type { RequestTrace } from './request-trace.js';
import { listenTo, type ArrivalListener, type Platform } from './platform.js';

/** The part of Fastify's request that is read here. */
interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions?: { readonly url?: unknown };
  readonly ip?: string;
  readonly protocol?: string;
  readonly host?: string;
}

type Hook = (request: FastifyRequest, reply: { raw: ServerResponse }, done: () => void) => void;

interface FastifyInstance {
  routing?: (raw: IncomingMessage, response: ServerResponse) => unknown;
  addHook(name: 'onRequest', hook: Hook): void;
  after(step: () => void): void;
}

/** Fastify. */
export class FastifyPlatform implements Platform {
  /** The prototype whose getters report the client according to `trustProxy`. */
  private requestPrototype: object | null = null;

  listen(adapter: HttpServer, arrived: ArrivalListener): void {
    const instance = adapter.getInstance() as FastifyInstance;
    this.requestPrototype = findRequestPrototype(instance);
    listenToRouting(instance, arrived);
    listenToOtherServers(instance, arrived);
    const hook: Hook = (request, reply, done) => {
      this.requestPrototype ??= Object.getPrototypeOf(request) as object;
      arrived(request.raw, reply.raw, request);
      done();
    };
    instance.addHook('onRequest', hook);
    // Middleware is a hook that was added earlier, so this hook must be moved before it.
    instance.after(() => moveToFront(instance, hook));
  }

  pattern(request: FastifyRequest): unknown {
    return request.routeOptions?.url;
  }

  requestOf({ request, raw }: RequestTrace): object {
    if (request !== null || this.requestPrototype === null) return request ?? raw;
    // Middleware or an earlier hook has answered, so Fastify's request was never seen.
    const own: FastifyRequest = { raw };
    return Object.setPrototypeOf(own, this.requestPrototype) as object;
  }

  clientOf(trace: RequestTrace): ClientView | null {
    const request = this.requestOf(trace) as FastifyRequest;
    // Without `trustProxy`, only the connection's address is known.
    if (!('ips' in request)) return null;
    const { ip, protocol, host } = trace.raw.socket ? request : withSocket(request, trace);
    return { address: ip, protocol: protocol ?? '', host };
  }
}

/** Restores the socket of a request. Clients such as undici remove it when they forward one. */
function withSocket(request: FastifyRequest, trace: RequestTrace): FastifyRequest {
  const raw = Object.create(trace.raw, { socket: { value: socketOf(trace) } }) as IncomingMessage;
  return Object.create(request, { raw: { value: raw } }) as FastifyRequest;
}

/** Wraps `routing`, which other servers, serverless functions and websocket plugins call. */
function listenToRouting(instance: FastifyInstance, arrived: ArrivalListener): void {
  const { routing } = instance;
  if (typeof routing !== 'function') return;
  instance.routing = function (this: unknown, raw, response) {
    arrived(raw, response);
    return routing.call(this, raw, response);
  };
}

/**
 * Listens to Fastify's other servers. Fastify creates one for each address of `localhost` and keeps
 * those after the first in a list. Hooks are not enough: they do not run for requests that
 * middleware answers, or for invalid URLs.
 */
function listenToOtherServers(instance: FastifyInstance, arrived: ArrivalListener): void {
  const servers = readInternal(instance, 'fastify.serverBindings');
  if (!Array.isArray(servers)) return;
  const push = (...added: Server[]): number => {
    for (const server of added) listenTo(server, arrived);
    return Array.prototype.push.apply(servers, added);
  };
  Object.defineProperty(servers, 'push', { value: push, configurable: true, writable: true });
}

/** Moves a hook before all others of its kind, if Fastify's list of hooks is accessible. */
function moveToFront(instance: object, hook: Hook): void {
  const hooks = readInternal(instance, 'fastify.hooks') as { onRequest?: unknown } | undefined;
  if (Array.isArray(hooks?.onRequest)) {
    const at = hooks.onRequest.indexOf(hook);
    if (at > 0) hooks.onRequest.unshift(...(hooks.onRequest.splice(at, 1) as Hook[]));
  }
  const children = readInternal(instance, 'fastify.children');
  if (!Array.isArray(children)) return;
  for (const child of children as object[]) moveToFront(child, hook);
}

/** Finds the request's prototype, which is not public. The first request reveals it too. */
function findRequestPrototype(instance: object): object | null {
  const type = readInternal(instance, 'fastify.Request') as { prototype?: object } | undefined;
  return type?.prototype ?? null;
}

/** The value that Fastify keeps under a symbol; undefined if it has none of this name. */
function readInternal(instance: object, name: string): unknown {
  for (let at: object | null = instance; at !== null; at = Object.getPrototypeOf(at) as object) {
    const symbol = Object.getOwnPropertySymbols(at).find(({ description }) => description === name);
    if (symbol !== undefined) return (at as Record<symbol, unknown>)[symbol];
  }
  return undefined;
}
