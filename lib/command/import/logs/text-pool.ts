const MAX_TEXTS = 2000;

/**
 * Gives equal texts one copy of their own. A piece of a text keeps the whole of it in memory: a
 * user agent that is remembered would keep the portion of the log in which it stood.
 */
export class TextPool {
  private readonly texts = new Map<string, string>();

  /** @param text Of bytes, one character each. */
  own(text: string): string {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    if (this.texts.size >= MAX_TEXTS) this.texts.clear();
    const copy = Buffer.from(text, 'latin1').toString('latin1');
    this.texts.set(copy, copy);
    return copy;
  }
}
