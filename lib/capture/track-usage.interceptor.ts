import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { RequestCapture } from './request-capture.js';

/**
 * Reports to capture that a request has reached its handler and that all guards let it pass.
 * `TrackUsageModule` registers it for the whole application. A guard before all others reports the
 * handler earlier, also of rejected requests. This interceptor is then only kept if the option
 * `consumer` may ask for what the guards decided.
 *
 * @publicApi
 */
@Injectable()
export class TrackUsageInterceptor implements NestInterceptor {
  /** @internal */
  constructor(private readonly capture: RequestCapture) {
    capture.interceptor = this;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.capture.onGuardsPassed(context);
    return next.handle();
  }
}
