import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { RequestCapture } from './request-capture.js';

/** Refuses nobody: it stands first to see who comes. */
export class HandlerProbeGuard implements CanActivate {
  constructor(private readonly capture: Pick<RequestCapture, 'reached'>) {}

  canActivate(context: ExecutionContext): boolean {
    this.capture.reached(context);
    return true;
  }
}
