import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { RequestCapture } from './request-capture.js';

/**
 * Tells capture which handler a request has reached. `TrackUsageModule` registers it for the whole
 * application. Where a guard can stand before all others, that guard does the same earlier and sees
 * refused requests too; this interceptor is then removed from the path of requests.
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
