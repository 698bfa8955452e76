import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { RequestCapture } from './request-capture.js';

/**
 * Reports the handler that a request has reached to capture. `TrackUsageModule` registers it for
 * the whole application. If a guard can be put before all others, that guard does the same earlier
 * and also sees rejected requests. This interceptor is then removed.
 *
 * @publicApi
 */
@Injectable()
export class TrackUsageInterceptor implements NestInterceptor {
  constructor(private readonly capture: RequestCapture) {
    capture.interceptor = this;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.capture.onHandler(context);
    return next.handle();
  }
}
