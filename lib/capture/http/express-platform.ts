import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { socketOf, type ClientView } from './client-view.js';
import type { RequestTrace } from './request-trace.js';
import type { ArrivalListener, Platform } from './platform.js';

/** The part of an Express application that is used here. */
interface ExpressApplication {
  get?(setting: string): unknown;
  handle?: (this: unknown, raw: IncomingMessage, response: ServerResponse, next?: unknown) => void;
}

/** The part of Express's request that is read here. It is Node's request with added properties. */
interface ExpressRequest {
  readonly app?: ExpressApplication;
  readonly route?: { readonly path?: unknown };
  readonly socket: Socket | null;
  readonly ip?: string;
  readonly protocol?: string;
  readonly host?: string;
}

/** Express, and other adapters that pass Node's request on. */
export class ExpressPlatform implements Platform {
  private application: ExpressApplication | undefined;

  /**
   * Wraps `handle`. Every request of an Express application goes through it: from any server, from
   * an application in which it is mounted, or from a serverless function.
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
    // Read for each request, because an application may change the setting at any time.
    if (!application?.get?.('trust proxy')) return null;
    const { ip, protocol, host } =
      request.socket && request.app === application
        ? request
        : restoreRequest(request, trace, application);
    return { address: ip, protocol: protocol ?? '', host };
  }
}

/**
 * Restores the socket and the application of a request. Clients such as undici remove the socket
 * from a request that they forward. A mounted application replaces `app`, and with it the trust
 * setting.
 */
function restoreRequest(
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
