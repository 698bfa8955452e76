import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { socketOf, type ClientView } from './client-view.js';
import type { RequestTrace } from './request-trace.js';
import type { ArrivalListener, Platform } from './platform.js';

/** As much of an Express application as is used here. */
interface ExpressApplication {
  get?(setting: string): unknown;
  handle?: (this: unknown, raw: IncomingMessage, response: ServerResponse, next?: unknown) => void;
}

/** As much of Express's request as is read here: Node's own, with more on it. */
interface ExpressRequest {
  readonly app?: ExpressApplication;
  readonly route?: { readonly path?: unknown };
  readonly socket: Socket | null;
  readonly ip?: string;
  readonly protocol?: string;
  readonly host?: string;
}

/** Express, and adapters that hand on Node's own request as it does. */
export class ExpressPlatform implements Platform {
  private application: ExpressApplication | undefined;

  /**
   * All that reaches an Express application goes through `handle`: whatever server calls it, an
   * application that it is mounted in, or a serverless function.
   */
  listen(adapter: HttpServer, arrived: ArrivalListener): void {
    const application = adapter.getInstance() as ExpressApplication | undefined;
    const handle = application?.handle;
    if (application === undefined || typeof handle !== 'function') return;
    this.application = application;
    application.handle = function (raw, response, next) {
      arrived(raw, response);
      return handle.call(this, raw, response, next);
    };
  }

  pattern(request: ExpressRequest): unknown {
    return request.route?.path;
  }

  requestOf({ request, raw }: RequestTrace): object {
    return request ?? raw;
  }

  clientOf(trace: RequestTrace): ClientView | null {
    const request = this.requestOf(trace) as ExpressRequest;
    const application = this.application ?? request.app;
    // Asked for each request: an application may set it at any time.
    if (!application?.get?.('trust proxy')) return null;
    const { ip, protocol, host } =
      request.socket && request.app === application
        ? request
        : restored(request, trace, application);
    return { address: ip, protocol: protocol ?? '', host };
  }
}

/**
 * Clients such as undici take the socket from a request that they send on, and an application that
 * is mounted in this one makes the request its own, with its own trust.
 */
function restored(
  request: ExpressRequest,
  trace: RequestTrace,
  application: ExpressApplication,
): ExpressRequest {
  const socket = request.socket ?? socketOf(trace);
  return Object.create(request, {
    socket: { value: socket },
    app: { value: application },
  }) as ExpressRequest;
}
