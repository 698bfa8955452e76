import { isKeyParameter, KEY_PARAMETERS } from '../../support/key-parameters.js';
import { formDecode } from '../text-decoding.js';
import { REDACTED } from './redact-text.js';

/**
 * Replaces the values of the query parameters that `byApiKey()` reads. Used where nothing else is
 * redacted: no key may be stored even then.
 */
export function redactKeyParameters(url: string): string {
  if (KEY_PARAMETERS.size === 0) return url;
  const mark = url.indexOf('?');
  if (mark < 0) return url;
  const hash = url.indexOf('#', mark);
  const end = hash < 0 ? url.length : hash;
  const pairs = url.slice(mark + 1, end).split('&');
  const clean = pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 0 || !isKeyParameter(formDecode(pair.slice(0, at)))) return pair;
    return pair.slice(0, at + 1) + REDACTED;
  });
  return url.slice(0, mark + 1) + clean.join('&') + url.slice(end);
}
