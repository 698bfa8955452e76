/** Characters of the longest line that is read. A longer one is cut, and so cannot be read. */
export const MAX_LINE_LENGTH = 1_048_576;
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/**
 * Splits the bytes of a log into lines, without their ends. Each byte becomes one character, as Node
 * reads headers, so that a log in no encoding at all is read too.
 */
export class LineSplitter {
  private rest = '';
  private isFirst = true;

  /** The lines that the bytes complete. */
  push(bytes: Buffer): string[] {
    let text = this.rest + bytes.toString('latin1');
    if (this.isFirst && text.length >= BYTE_ORDER_MARK.length) {
      this.isFirst = false;
      if (text.startsWith(BYTE_ORDER_MARK)) text = text.slice(BYTE_ORDER_MARK.length);
    }
    const lines = text.split('\n');
    const rest = lines.pop()!;
    this.rest = rest.length > MAX_LINE_LENGTH ? rest.slice(0, MAX_LINE_LENGTH) : rest;
    return lines.map(withoutReturn);
  }

  /** The last line, which may have no end; none if there is nothing. */
  end(): string[] {
    const { rest } = this;
    this.rest = '';
    return rest === '' ? [] : [withoutReturn(rest)];
  }
}

function withoutReturn(line: string): string {
  // A copy, so that a line that is kept does not keep the whole portion that it was read with.
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
