import type { ClientView, RequestTrace } from '../request-trace.js';
import type { Platform } from './platform.js';

/** As much of Express's request as is read here: Node's own, with more on it. */
interface ExpressRequest {
  readonly app?: { get?(setting: string): unknown };
  readonly route?: { readonly path?: unknown };
  readonly ip?: string;
  readonly protocol?: string;
  readonly host?: string;
}

/** Express, and adapters that hand on Node's own request as it does. */
export class ExpressPlatform implements Platform {
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
    return {
      address: request.ip,
      protocol: request.protocol ?? '',
      host: request.host,
    };
  }
}
