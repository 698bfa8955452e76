import { type RequestArgs, setOwn } from '../record/index.js';
import { REDACTED } from './privacy/redact-text.js';
import type { Redactor } from './privacy/redactor.js';
import { MAX_ARGUMENTS, sanitizeText } from './text-limits.js';

/** Route parameters in the form in which they are stored: redacted and within the limits. */
export function readRouteArgs(args: RequestArgs, redactor: Redactor | null): RequestArgs {
  const kept: RequestArgs = {};
  let left = MAX_ARGUMENTS;
  for (const name of Object.keys(args)) {
    const value = args[name];
    const values = Array.isArray(value) ? value : [value ?? ''];
    if (left <= 0) break;
    const clean = values
      .slice(0, left)
      .map((text) =>
        sanitizeText(redactor ? cleanArg(name, String(text), redactor) : String(text)),
      );
    left -= Math.max(1, clean.length);
    setOwn(kept, sanitizeText(name), Array.isArray(value) ? clean : (clean[0] ?? ''));
  }
  return kept;
}

/** The route parameters with secret names; null if there are none. */
export function secretRouteArgs(args: RequestArgs, redactor: Redactor): RequestArgs | null {
  let secrets: RequestArgs | null = null;
  for (const name of Object.keys(args)) {
    const value = args[name];
    if (value !== undefined && redactor.isSecret(name)) setOwn((secrets ??= {}), name, value);
  }
  return secrets;
}

function cleanArg(name: string, value: string, redactor: Redactor): string {
  return redactor.isSecret(name) ? REDACTED : redactor.text(value);
}
