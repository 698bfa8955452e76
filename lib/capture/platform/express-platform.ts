import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { socketOf, type ClientView } from '../client-view.js';
import type { RequestTrace } from '../request-trace.js';
import type { ArrivalListener, Platform } from './platform.js';

/** As much of an Express application as is used here. */
interface ExpressApplication {
  handle?: (this: unknown, raw: IncomingMessage, response: ServerResponse, next?: unknown) => void;
}

/** As much of Express's request as is read here: Node's own, with more on it. */
interface ExpressRequest {
  readonly app?: { get?(setting: string): unknown };
  readonly route?: { readonly path?: unknown };
  readonly socket: Socket | null;
  readonly ip?: string;
  readonly protocol?: string;
  readonly host?: string;
}

/** Express, and adapters that hand on Node's own request as it does. */
export class ExpressPlatform implements Platform {
  /**
   * All that reaches an Express application goes through `handle`: whatever server calls it, an
   * application that it is mounted in, or a serverless function.
   */
  listen(adapter: HttpServer, arrived: ArrivalListener): void {
    const application = adapter.getInstance() as ExpressApplication | undefined;
    const handle = application?.handle;
    if (application === undefined || typeof handle !== 'function') return;
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
    // Asked for each request: an application may set it at any time.
    if (!request.app?.get?.('trust proxy')) return null;
    const { ip, protocol, host } = request.socket ? request : withSocket(request, trace);
    return { address: ip, protocol: protocol ?? '', host };
  }
}

/** Clients such as undici take the socket from a request that they send on. */
function withSocket(request: ExpressRequest, trace: RequestTrace): ExpressRequest {
  return Object.create(request, { socket: { value: socketOf(trace) } }) as ExpressRequest;
}
