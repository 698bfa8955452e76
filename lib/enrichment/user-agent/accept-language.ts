const LANGUAGE = /^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$/i;
const QUALITY = /^\s*q\s*=\s*(\d(?:\.\d+)?)\s*$/i;

/**
 * The first choice of an `Accept-Language` header, as sent: the one of the highest quality, the
 * first among equals. Null if the header names no language.
 */
export function firstLanguage(header: string): string | null {
  let best: string | null = null;
  let bestQuality = 0;
  for (const choice of header.split(',')) {
    const [tag = '', ...params] = choice.split(';');
    const language = tag.trim();
    const quality = qualityOf(params);
    if (quality > bestQuality && LANGUAGE.test(language)) {
      best = language;
      bestQuality = quality;
    }
  }
  return best;
}

function qualityOf(params: readonly string[]): number {
  for (const param of params) {
    const quality = QUALITY.exec(param)?.[1];
    if (quality !== undefined) return Math.min(1, Number(quality));
  }
  return 1;
}
