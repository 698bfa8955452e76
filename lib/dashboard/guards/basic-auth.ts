import { createHash, timingSafeEqual } from 'node:crypto';
import { UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * Creates a guard that asks the browser for a name and a password. For an API that knows only Bearer
 * tokens, which a browser sends neither when it opens a page nor for a stream. Use it behind TLS:
 * the browser sends the password with each request. Both are compared in constant time.
 *
 * @example
 * UsageDashboardModule.forRoot({
 *   guards: [basicAuth({ user: 'admin', password: process.env.USAGE_PASSWORD })],
 * })
 *
 * @throws {TrackUsageOptionsError} if one of the two is missing or empty, or the name has a colon.
 *
 * @publicApi
 */
export function basicAuth(credentials: {
  user: string;
  password: string | undefined;
}): CanActivate {
  const { user, password } = credentials ?? {};
  checkText('user', user, 'text without a colon', (text) => !text.includes(':'));
  checkText('password', password, 'text', () => true);
  return new BasicAuthGuard(digest(`${user}:${password}`));
}

class BasicAuthGuard implements CanActivate {
  constructor(private readonly expected: Buffer) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { headers } = http.getRequest<{ headers: Record<string, string | undefined> }>();
    if (timingSafeEqual(digest(credentialsOf(headers['authorization'])), this.expected))
      return true;
    http
      .getResponse<{ header(name: string, value: string): void }>()
      .header('WWW-Authenticate', 'Basic realm="usage", charset="UTF-8"');
    throw new UnauthorizedException();
  }
}

/** The credentials in a header; empty if there are none, which no password equals. */
function credentialsOf(header: string | undefined): string {
  const [, encoded] = /^Basic +([\w+/=-]+) *$/i.exec(header ?? '') ?? [];
  return encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
}

// Digests have one length, so that the comparison tells neither contents nor lengths.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function checkText(
  option: string,
  value: unknown,
  expected: string,
  isValid: (text: string) => boolean,
): void {
  if (typeof value === 'string' && value !== '' && isValid(value)) return;
  throw new TrackUsageOptionsError(option, value, `${expected} that is not empty`, {
    owner: 'basicAuth',
    // The value may be a secret.
    given:
      typeof value === 'string' ? (value === '' ? 'an empty text' : 'another one') : typeof value,
    hint: 'Is an environment variable missing?',
  });
}
