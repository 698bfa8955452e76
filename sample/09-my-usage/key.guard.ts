import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

/** The keys that this application has given out; a real one has them in its database. */
const KEYS = new Set(['acme-0123456789abcdef', 'globex-0123456789abcdef']);

/** Lets a request pass if its key is known. */
@Injectable()
export class KeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return KEYS.has(headers['x-api-key'] ?? '');
  }
}
